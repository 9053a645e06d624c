import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { FakeClock, settle } from "../../../fixtures/fake_clock.ts";
import { CONFIG_MAPS, configMap, definition, type Exchange, world } from "./exchange.ts";

const names = ({ json }: Exchange) => json.items.map(({ metadata }) => metadata.name);

/** ConfigMaps a to e at the versions 6 to 10; b and d have x=1. */
async function five(options = {}) {
  const made = await world(options);
  for (const name of "abcde") {
    await made.server.create(configMap(name, { labels: { x: "bd".includes(name) ? "1" : "2" } }));
  }
  return made;
}

describe("getObject", () => {
  it("answers 404 with the details of the object", async () => {
    const { send } = await world();
    expect((await send(`GET ${CONFIG_MAPS}/zz`)).text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"configmaps \\"zz\\" not found","reason":"NotFound","details":{"name":"zz","kind":"configmaps"},"code":404}\n',
    );
  });

  it("takes watch on an object's path for a plain GET", async () => {
    const { send } = await five();
    expect((await send(`GET ${CONFIG_MAPS}/a?watch=1`)).json.metadata.name).toBe("a");
  });

  it("answers 500 to a resource version that is no number", async () => {
    const { send } = await five();
    const { status, json } = await send(`GET ${CONFIG_MAPS}/a?resourceVersion=x`);
    expect([status, json.message, json.reason]).toEqual([
      ...[
        500,
        'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
        undefined,
      ],
    ]);
  });

  it("answers 400 to it for Events, which no cache serves", async () => {
    const { send } = await five();
    const { status, json } = await send("GET /api/v1/namespaces/t/events/a?resourceVersion=x");
    expect([status, json.message, json.reason]).toEqual([
      ...[
        400,
        'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
        "BadRequest",
      ],
    ]);
  });
});

describe("listObjects", () => {
  it("lists in the order of keys; items of built-in kinds say neither kind nor version", async () => {
    const { send, server } = await world();
    for (const name of ["b", "a"]) await server.create(configMap(name));
    await server.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c", namespace: "default" },
    });
    const { text, json } = await send("GET /api/v1/configmaps");
    expect(
      text.startsWith(
        '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"8"},"items":[{"metadata":{"name":"c"',
      ),
    ).toBe(true);
    expect(json.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      ...["default/c", "t/a", "t/b"],
    ]);
  });

  it("sorts a custom list by key, with an empty continue; its items say what they are", async () => {
    const { send, server } = await world();
    await server.create(definition("Widget"));
    const metadata = { name: "w", namespace: "t" };
    await server.create({ zeta: { b: 1, a: 2 }, kind: "Widget", apiVersion: "example.com/v1", metadata });
    const { text } = await send("GET /apis/example.com/v1/widgets");
    expect(text).toMatch(
      /^{"apiVersion":"example\.com\/v1","items":\[{"apiVersion":"example\.com\/v1","kind":"Widget","metadata":{"creationTimestamp":"[^"]+","generation":1,"managedFields":\[.*\],"name":"w","namespace":"t","resourceVersion":"8","uid":"[^"]+"},"zeta":{"a":2,"b":1}}\],"kind":"WidgetList","metadata":{"continue":"","resourceVersion":"8"}}\n$/,
    );
  });

  const selections: [query: string, names: string[]][] = [
    ["labelSelector=x%3D1", ["b", "d"]],
    ["labelSelector=x!%3D1,x", ["a", "c", "e"]],
    ["labelSelector=y!%3D", ["a", "b", "c", "d", "e"]],
    ["labelSelector=x+in+(2),x!%3D", ["a", "c", "e"]],
    ["fieldSelector=metadata.name%3Dc", ["c"]],
    ["fieldSelector=metadata.name%3D%3Dc,metadata.namespace!%3Dt", []],
    ["fieldSelector=metadata.name!%3Dc&labelSelector=x%3D2", ["a", "e"]],
  ];
  for (const [query, selected] of selections) {
    it(`selects ${selected.join(", ") || "nothing"} by ${query}`, async () => {
      const { send } = await five();
      expect(names(await send(`GET ${CONFIG_MAPS}?${query}`))).toEqual(selected);
    });
  }

  it("lists all namespaces for an empty one, and nothing for one that is not there", async () => {
    const { send } = await five();
    expect(names(await send("GET /api/v1/namespaces//configmaps"))).toHaveLength(5);
    expect((await send("GET /api/v1/namespaces/nope/configmaps")).json.items).toEqual([]);
  });

  it("pages at one revision, whatever is written meanwhile", async () => {
    const { send, server } = await five();
    const first = await send(`GET ${CONFIG_MAPS}?limit=2`);
    expect([names(first), first.json.metadata.remainingItemCount]).toEqual([["a", "b"], 3]);
    await server.delete({ version: "v1", kind: "ConfigMap", namespace: "t", name: "c" });
    await server.create(configMap("cc"));
    await server.patch({ version: "v1", kind: "ConfigMap", namespace: "t", name: "d" }, { data: { k: "v" } });
    const second = await send(`GET ${CONFIG_MAPS}?limit=2&continue=${first.json.metadata.continue}`);
    expect([names(second), second.json.items[1]?.data]).toEqual([["c", "d"], undefined]);
    const third = await send(`GET ${CONFIG_MAPS}?limit=2&continue=${second.json.metadata.continue}`);
    expect([names(third), third.json.metadata.continue]).toEqual([["e"], undefined]);
    const versions = [first, second, third].map(({ json }) => json.metadata.resourceVersion);
    expect(versions).toEqual(["10", "10", "10"]);
  });

  it("does not count what remains under a selector", async () => {
    const { send } = await five();
    const { json } = await send(`GET ${CONFIG_MAPS}?limit=1&labelSelector=x%3D1`);
    expect(json.metadata.remainingItemCount).toBeUndefined();
    expect(json.metadata.continue).not.toBeUndefined();
  });

  it("answers 410 to a token from before a compaction, with one that goes on inconsistently", async () => {
    const { send, server } = await five();
    const first = await send(`GET ${CONFIG_MAPS}?limit=2`);
    await server.create(configMap("cc"));
    server.compact();
    const gone = await send(`GET ${CONFIG_MAPS}?limit=2&continue=${first.json.metadata.continue}`);
    expect([gone.status, gone.json.reason]).toEqual([410, "Expired"]);
    expect(gone.json.message).toContain(
      "The provided continue parameter is too old to display a consistent list",
    );
    const rest = await send(`GET ${CONFIG_MAPS}?continue=${gone.json.metadata.continue}`);
    expect([names(rest), rest.json.metadata.resourceVersion]).toEqual([["c", "cc", "d", "e"], "11"]);
  });

  const versions: [query: string, names: string[] | string, resourceVersion?: string][] = [
    ["resourceVersion=0&limit=1", ["a", "b", "c", "d", "e"], "10"],
    ["resourceVersion=7", ["a", "b", "c", "d", "e"], "10"],
    ["resourceVersion=7&resourceVersionMatch=NotOlderThan&limit=1", ["a"], "10"],
    ["resourceVersion=7&resourceVersionMatch=Exact", ["a", "b"], "7"],
    ["resourceVersion=7&limit=1", ["a"], "7"],
    ["resourceVersion=007&limit=1", ["a"], "7"],
    ["limit=-1", ["a", "b", "c", "d", "e"], "10"],
  ];
  for (const [query, listed, resourceVersion] of versions) {
    it(`answers ${query} as of ${resourceVersion}`, async () => {
      const { send } = await five();
      const answer = await send(`GET ${CONFIG_MAPS}?${query}`);
      expect([names(answer), answer.json.metadata.resourceVersion]).toEqual([listed, resourceVersion]);
    });
  }

  it("answers 410 to an exact version that is compacted", async () => {
    const { send, server } = await five();
    server.compact();
    const { status, json } = await send(`GET ${CONFIG_MAPS}?resourceVersion=9&resourceVersionMatch=Exact`);
    expect([status, json.message]).toEqual([410, "The resourceVersion for the provided list is too old."]);
  });

  it("answers 504 after 3 s where a version has not come, for Events at once", async () => {
    const clock = new FakeClock();
    const { send } = await five({ clock });
    let answer: Exchange | undefined;
    send(`GET ${CONFIG_MAPS}?resourceVersion=9999999`).then((given) => {
      answer = given;
    });
    await clock.advance(2999);
    expect(answer).toBeUndefined();
    await clock.advance(1);
    expect([answer?.status, answer?.headers.get("retry-after")]).toEqual([504, "1"]);
    const { message, reason, details } = answer?.json ?? {};
    expect([message, reason, details]).toEqual([
      "Timeout: Too large resource version: 9999999, current: 10",
      "Timeout",
      {
        causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        retryAfterSeconds: 1,
      },
    ]);
    const events = await send("GET /api/v1/events?resourceVersion=9999999");
    expect([events.status, events.headers.get("retry-after")]).toEqual([504, null]);
    expect(clock.pending).toBe(0);
  });

  it("answers as soon as the version has come, and frees its timer", async () => {
    const clock = new FakeClock();
    const { send, server } = await five({ clock });
    const answer = send(`GET ${CONFIG_MAPS}?resourceVersion=11`);
    await settle();
    await server.create(configMap("f"));
    expect((await answer).json.metadata.resourceVersion).toBe("11");
    expect(clock.pending).toBe(0);
  });
});
