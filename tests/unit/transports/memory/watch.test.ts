import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { MemoryApiServer } from "../../../../transports/memory/mod.ts";
import { FakeClock } from "../../../fixtures/fake_clock.ts";
import { CONFIG_MAPS, configMap, definition, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

const id = (name: string) => ({ version: "v1", kind: "ConfigMap", namespace: "t", name });
const STREAMING = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

/** Opens a watch of the ConfigMaps in "t", with a clock that stands still. */
async function watching(
  query: string,
  {
    before = async () => {},
    ...options
  }: {
    before?(server: MemoryApiServer): Promise<unknown>;
    historyLimit?: number;
    features?: { watchList: boolean };
  } = {},
) {
  const clock = new FakeClock();
  const made = await world({ clock, random: () => 0.5, ...options });
  await before(made.server);
  const watch = await OpenWatch.open(made.transport, `${CONFIG_MAPS}?${query}`);
  return { ...made, clock, watch };
}

describe("watchObjects", () => {
  it("tells what comes after a resource version, in frames of one line", async () => {
    const { server, watch } = await watching("watch=1&resourceVersion=6", {
      before: (server) => server.create(configMap("a", { data: { k: "<é>" } })),
    });
    await server.patch(id("a"), { data: { k: "w" } });
    await server.create(configMap("b"));
    await server.delete(id("a"));
    await server.create({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "t" } });
    await server.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "elsewhere", namespace: "default" },
    });
    expect(watch.text).toMatch(
      /^{"type":"MODIFIED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"t","uid":"[^"]+","resourceVersion":"7","creationTimestamp":"[^"]+","managedFields":\[.*\]},"data":{"k":"w"}}}\n{"type":"ADDED","object":{.*"resourceVersion":"8".*}}\n{"type":"DELETED","object":{.*"resourceVersion":"9".*"data":{"k":"w"}}}\n$/,
    );
    watch.abort();
  });

  it("replays history, strictly after the version", async () => {
    const { watch } = await watching("watch=1&resourceVersion=6", {
      async before(server) {
        for (const name of ["a", "b", "c"]) await server.create(configMap(name));
      },
    });
    expect(watch.told).toEqual(["ADDED b", "ADDED c"]);
    watch.abort();
  });

  it("is silent until a future version has passed", async () => {
    const { server, watch } = await watching("watch=1&resourceVersion=7");
    for (const name of ["six", "seven", "eight"]) await server.create(configMap(name));
    expect(watch.told).toEqual(["ADDED eight"]);
    watch.abort();
  });

  const entries: [query: string, told: string[]][] = [
    ["labelSelector=x%3D1", ["ADDED 1 7", "MODIFIED 1 8", "DELETED 1 9"]],
    ["labelSelector=x%3D2", ["ADDED 2 9", "DELETED 2 10"]],
    ["fieldSelector=metadata.name%3Dother", []],
  ];
  for (const [query, told] of entries) {
    it(`tells who enters, stays and leaves ${query}; who leaves is shown as it was, at the new version`, async () => {
      const { server, watch } = await watching(`watch=1&resourceVersion=5&${query}`);
      await server.create(configMap("a"));
      await server.patch(id("a"), { metadata: { labels: { x: "1" } } });
      await server.patch(id("a"), { data: { k: "v" } });
      await server.patch(id("a"), { metadata: { labels: { x: "2" } } });
      await server.delete(id("a"));
      const frames = watch.frames.map(
        ({ type, object: { metadata } }) => `${type} ${metadata.labels?.x} ${metadata.resourceVersion}`,
      );
      expect(frames).toEqual(told);
      watch.abort();
    });
  }

  it("tells nothing of a write that changes nothing", async () => {
    const { server, watch } = await watching("watch=1&resourceVersion=5", {
      before: (server) => server.create(configMap("a")),
    });
    await server.patch(id("a"), { metadata: { labels: {} } });
    expect(watch.told).toEqual(["ADDED a"]);
    watch.abort();
  });

  const starts: [query: string, watchList: boolean, told: string[]][] = [
    ["watch=1", true, ["ADDED a", "ADDED b"]],
    ["watch=1&resourceVersion=0", true, ["ADDED a", "ADDED b"]],
    ["watch=1&allowWatchBookmarks=true", true, ["ADDED a", "ADDED b", "BOOKMARK 7"]],
    ["watch=1&allowWatchBookmarks=true", false, ["ADDED a", "ADDED b"]],
    [STREAMING, true, ["ADDED a", "ADDED b", "BOOKMARK 7"]],
    [`${STREAMING}&resourceVersion=6`, true, ["ADDED a", "ADDED b", "BOOKMARK 7"]],
    [`${STREAMING}&labelSelector=none`, true, ["BOOKMARK 7"]],
    ["watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", true, ["ADDED a", "ADDED b"]],
    ["watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan", true, []],
  ];
  for (const [query, watchList, told] of starts) {
    it(`begins with [${told.join(", ")}] for ${query}${watchList ? "" : " without streaming lists"}`, async () => {
      const { server, watch } = await watching(query, {
        features: { watchList },
        async before(server) {
          for (const name of ["b", "a"]) await server.create(configMap(name));
        },
      });
      expect(watch.told).toEqual(told);
      await server.create(configMap("c", { labels: { none: "" } }));
      expect(watch.told).toEqual([...told, "ADDED c"]);
      watch.abort();
    });
  }

  it("marks the end of the initial events in the order of the type, zero values included", async () => {
    const { transport, server } = await world();
    const query = `${STREAMING}&labelSelector=none`;
    await server.create(definition("Widget"));
    const ends = [
      [
        "/api/v1/secrets",
        '{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}}',
      ],
      [
        "/api/v1/pods",
        '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}},"spec":{"containers":null},"status":{}}',
      ],
      [
        "/apis/example.com/v1/widgets",
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"annotations":{"k8s.io/initial-events-end":"true"},"resourceVersion":"7"}}',
      ],
    ];
    for (const [path, object] of ends) {
      const watch = await OpenWatch.open(transport, `${path}?${query}`);
      expect(watch.text).toBe(`{"type":"BOOKMARK","object":${object}}\n`);
      watch.abort();
    }
  });

  it("sends a bookmark each minute, and two before it ends at its timeout", async () => {
    const { server, watch, clock } = await watching(
      "watch=1&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=150",
    );
    await clock.advance(59_999);
    expect(watch.told).toEqual([]);
    await clock.advance(1);
    expect(watch.text).toBe(
      '{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"5"}}}\n',
    );
    await server.create({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "t" } });
    await clock.advance(60_000);
    expect(watch.told).toEqual(["BOOKMARK 5", "BOOKMARK 6"]);
    await clock.advance(28_000);
    expect(watch.told).toHaveLength(3);
    await clock.advance(1000);
    expect(watch.told).toHaveLength(4);
    expect(watch.end).toBeUndefined();
    await clock.advance(1000);
    expect([watch.told.length, watch.end]).toEqual([4, {}]);
    expect([clock.pending, server.openWatches]).toEqual([0, 0]);
  });

  it("sends no bookmark unasked, and none where a short watch was quiet", async () => {
    for (const query of [
      "watch=1&resourceVersion=5",
      "watch=1&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=20",
    ]) {
      const { watch, clock } = await watching(query);
      await clock.advance(query.includes("timeout") ? 20_000 : 120_000);
      expect(watch.told).toEqual([]);
      watch.abort();
    }
  });

  it("sends no bookmark of Events but the initial one", async () => {
    const clock = new FakeClock();
    const { transport } = await world({ clock });
    const watch = await OpenWatch.open(
      transport,
      "/api/v1/events?watch=1&allowWatchBookmarks=true&timeoutSeconds=300",
    );
    await clock.advance(300_000);
    expect(watch.told).toEqual(["BOOKMARK 5"]);
  });

  it("ends by itself after 30 to 60 minutes", async () => {
    const { watch, clock } = await watching("watch=1&resourceVersion=5");
    await clock.advance(45 * 60_000 - 1);
    expect(watch.end).toBeUndefined();
    await clock.advance(1);
    expect(watch.end).toEqual({});
  });

  it("answers a stale version with a 410 in the stream, and ends", async () => {
    const { server, watch, transport } = await watching("watch=1&resourceVersion=6", {
      async before(server) {
        for (const name of ["a", "b", "c"]) await server.create(configMap(name));
        server.compact();
      },
    });
    expect(watch.text).toBe(
      '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 6 (8)","reason":"Expired","code":410}}\n',
    );
    expect([watch.end, server.openWatches]).toEqual([{}, 0]);
    const good = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=8`);
    expect(good.end).toBeUndefined();
    good.abort();
    const events = await OpenWatch.open(transport, "/api/v1/events?watch=1&resourceVersion=1");
    expect(events.frames[0]?.object.message).toBe("The resourceVersion for the provided watch is too old.");
  });

  it("goes back as many changes of the resource as the limit says, however many others there were", async () => {
    const { transport, server } = await world({ historyLimit: 2 });
    for (const name of ["a", "b", "c"]) await server.create(configMap(name));
    for (let at = 0; at < 5; at += 1)
      await server.patch(
        { version: "v1", kind: "Namespace", name: "t" },
        { metadata: { labels: { at: `${at}` } } },
      );
    const told: string[][] = [];
    for (const version of [5, 6, 7]) {
      const watch = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=${version}`);
      told.push(watch.frames.map(({ type, object }) => `${type} ${object.metadata.name ?? object.message}`));
      watch.abort();
    }
    expect(told).toEqual([["ERROR too old resource version: 5 (6)"], ["ADDED b", "ADDED c"], ["ADDED c"]]);
  });

  it("answers a streaming list from the future with a 504 in the stream after 3 s", async () => {
    const { watch, clock, server } = await watching(`${STREAMING}&resourceVersion=9999999`);
    await clock.advance(2999);
    expect(watch.text).toBe("");
    await clock.advance(1);
    expect(watch.text).toBe(
      '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: Too large resource version: 9999999, current: 5","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}}\n',
    );
    expect([watch.end, clock.pending, server.openWatches]).toEqual([{}, 0, 0]);
  });

  it("cuts many initial frames at 2048 bytes", async () => {
    const { watch } = await watching("watch=1", {
      async before(server) {
        for (let at = 0; at < 30; at += 1) await server.create(configMap(`a${at}`));
      },
    });
    expect(watch.frames).toHaveLength(30);
    expect(watch.chunks.slice(0, -1).every(({ length }) => length === 2048)).toBe(true);
    watch.abort();
  });

  it("makes a frame once for all watches", async () => {
    const { server, transport, watch } = await watching("watch=1&resourceVersion=5");
    const other = await OpenWatch.open(
      transport,
      "/api/v1/configmaps?watch=1&resourceVersion=5&labelSelector=x",
    );
    await server.create(configMap("a", { labels: { x: "1" } }));
    expect(other.chunks[0]).toBe(watch.chunks[0]);
    other.abort();
    watch.abort();
  });

  for (const open of [false, true]) {
    it(`leaves nothing when it is aborted ${open ? "while it is open" : "while it waits for a version"}`, async () => {
      const { watch, clock, server } = await watching(
        open ? "watch=1&allowWatchBookmarks=true" : `${STREAMING}&resourceVersion=99`,
      );
      expect(clock.pending).toBeGreaterThan(0);
      const reason = new Error("enough");
      watch.abort(reason);
      await clock.advance(0);
      expect([watch.end, clock.pending, server.openWatches]).toEqual([{ error: reason }, 0, 0]);
    });
  }
});
