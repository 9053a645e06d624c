import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, world } from "./exchange.ts";

const MATCH = "resourceVersionMatch: Forbidden: resourceVersionMatch";
const NOT_A_NUMBER = 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax';

describe("listOptions", () => {
  const bad: [query: string, message: string][] = [
    ["limit=x", 'strconv.ParseInt: parsing "x": invalid syntax'],
    ["limit=", 'strconv.ParseInt: parsing "": invalid syntax'],
    ["timeoutSeconds=1.5", 'strconv.ParseInt: parsing "1.5": invalid syntax'],
    ["resourceVersion=x", `invalid resource version: ${NOT_A_NUMBER}`],
    ["resourceVersion=-1", `invalid resource version: ${NOT_A_NUMBER.replaceAll('"x"', '"-1"')}`],
    ["continue=!!", "invalid continue token: continue key is not valid: illegal base64 data at input byte 0"],
    ["fieldSelector=metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
    ["fieldSelector=metadata.name%3Da%3Db", "invalid field selector: unescaped character in value: 61"],
    [
      "fieldSelector=data.k%3D1",
      '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
  ];
  for (const [query, message] of bad) {
    it(`answers 400 to ${query}`, async () => {
      const { send } = await world();
      const { status, json } = await send(`GET ${CONFIG_MAPS}?${query}`);
      expect([status, json.reason, json.message]).toEqual([400, "BadRequest", message]);
    });
  }

  it("answers 400 to a label selector that does not parse", async () => {
    const { send } = await world();
    const { status, json } = await send(`GET ${CONFIG_MAPS}?labelSelector=a+in+(b`);
    expect(status).toBe(400);
    expect(json.message).toMatch(/^unable to parse requirement: /);
  });

  it("answers 400 to a continue token with another version, 500 to a watch whose version is no number", async () => {
    const { send } = await world();
    const { json } = await send("GET /api/v1/namespaces?limit=1");
    const paged = await send(`GET /api/v1/namespaces?continue=${json.metadata.continue}&resourceVersion=5`);
    expect([paged.status, paged.json.message]).toEqual([
      400,
      "specifying resource version is not allowed when using continue",
    ]);
    const watch = await send(`GET ${CONFIG_MAPS}?watch=1&resourceVersion=x`);
    expect([watch.status, watch.json.message]).toEqual([500, NOT_A_NUMBER]);
  });

  const unfit: [query: string, problems: string[]][] = [
    ["resourceVersionMatch=Exact", [`${MATCH} is forbidden unless resourceVersion is provided`]],
    [
      "resourceVersionMatch=Exact&resourceVersion=0",
      [`${MATCH} "exact" is forbidden for resourceVersion "0"`],
    ],
    [
      "resourceVersionMatch=Exact&resourceVersion=5&continue=x",
      [`${MATCH} is forbidden when continue is provided`],
    ],
    [
      "resourceVersionMatch=Foo",
      [
        `${MATCH} is forbidden unless resourceVersion is provided`,
        'resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""',
      ],
    ],
    ["sendInitialEvents=false", ["sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"]],
    [
      "watch=1&sendInitialEvents=true",
      [
        "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
      ],
    ],
    [
      "watch=1&resourceVersionMatch=NotOlderThan",
      [`${MATCH} is forbidden for watch unless sendInitialEvents is provided`],
    ],
    [
      "watch=1&resourceVersionMatch=Exact&sendInitialEvents=true",
      [
        "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
      ],
    ],
  ];
  for (const [query, problems] of unfit) {
    it(`answers 422 to ${query}`, async () => {
      const { send } = await world();
      const { status, json } = await send(`GET ${CONFIG_MAPS}?${query}`);
      const said = problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`;
      expect([status, json.reason, json.message]).toEqual([
        422,
        "Invalid",
        `ListOptions.meta.k8s.io "" is invalid: ${said}`,
      ]);
      const causes = json.details.causes as { field: string; message: string }[];
      expect(causes.map(({ field, message }) => `${field}: ${message}`)).toEqual(problems);
    });
  }

  it("answers 422 to a streaming list where the feature is off", async () => {
    const { send } = await world({ features: { watchList: false } });
    const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    const { status, json } = await send(`GET ${CONFIG_MAPS}?${query}`);
    expect([status, json.message]).toEqual([
      422,
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    ]);
  });
});
