import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, world } from "./exchange.ts";

describe("a label selector", () => {
  const refused: [selector: string, message: string][] = [
    ["=", "found '=', expected: !, identifier, or 'end of string'"],
    ["app x", "unable to parse requirement: found 'x', expected: in, notin, =, ==, !=, gt, lt"],
    ["app in web", "unable to parse requirement: found 'web' expected: '('"],
    ["app in (web", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["app=a=b", "found '=', expected: ',' or 'end of string'"],
    ["app=web,,tier", "found ',', expected: identifier after ','"],
    ["!", "unable to parse requirement: found '', expected: identifier"],
  ];
  for (const [selector, message] of refused) {
    it(`${selector} is refused in the API server's words`, async () => {
      const { send } = await world();
      const { status, json } = await send(`GET ${CONFIG_MAPS}?labelSelector=${encodeURIComponent(selector)}`);
      expect([status, json.message]).toEqual([400, message]);
    });
  }

  it("with != and no value selects what has another value, or none", async () => {
    const { send, server } = await world();
    await server.create(configMap("a", { labels: { app: "" } }));
    await server.create(configMap("b", { labels: { app: "web" } }));
    const { json } = await send(`GET ${CONFIG_MAPS}?labelSelector=app!%3D`);
    expect(json.items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
  });
});
