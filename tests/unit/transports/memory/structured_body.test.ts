import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, DEPLOYMENTS, JSON_PATCH, type Sent, world } from "./exchange.ts";
import { THINGS, thing, thingWorld } from "./thing.ts";

describe("structured", () => {
  const unknown = { nothing: 1, metadata: { zz: 1, name: "a", aa: 1 }, b: 1 };
  const fields = ["nothing", "metadata.zz", "metadata.aa", "b"].map((name) => `unknown field \\"${name}\\"`);
  const warnings = fields.map((text) => `299 - "${text}"`).join(", ");

  it("drops unknown fields of a built-in object, and warns of them in the order in which they came", async () => {
    const { send } = await world();
    const { status, headers, json } = await send(`POST ${CONFIG_MAPS}`, { body: unknown });
    expect([status, headers.get("warning")]).toEqual([201, warnings]);
    expect([Object.keys(json), json.metadata.name]).toEqual([["kind", "apiVersion", "metadata"], "a"]);
  });

  it("drops them in silence, or refuses them, as the request asks", async () => {
    const { send } = await world();
    const post = (validation: string, sent: Sent) =>
      send(`POST ${CONFIG_MAPS}?fieldValidation=${validation}`, sent);
    const strict = await post("Strict", { body: unknown });
    expect([strict.status, JSON.stringify(strict.json.message)]).toEqual([
      400,
      `"ConfigMap in version \\"v1\\" cannot be handled as a ConfigMap: strict decoding error: ${fields.join(", ")}"`,
    ]);
    const ignored = await post("Ignore", { body: unknown });
    expect([ignored.status, ignored.headers.get("warning")]).toEqual([201, null]);
  });

  it("judges a patch too", async () => {
    const { send } = await world();
    await send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: "a" } } });
    const body = [{ op: "add", path: "/nothing", value: 1 }];
    const { status, headers, json } = await send(`PATCH ${CONFIG_MAPS}/a`, { type: JSON_PATCH, body });
    expect([status, headers.get("warning")]).toEqual([200, '299 - "unknown field \\"nothing\\""']);
    expect(json).not.toHaveProperty("nothing");
  });

  it("takes what is deeper in a built-in object as it is", async () => {
    const { send } = await world();
    const body = { metadata: { name: "d" }, spec: { anything: { goes: true } } };
    const { headers, json } = await send(`POST ${DEPLOYMENTS}`, { body });
    expect([headers.get("warning"), json.spec]).toEqual([null, { anything: { goes: true } }]);
  });

  it("knows a custom object by its schema, and warns of metadata first, then in order", async () => {
    const { send } = await thingWorld();
    const body = { ...thing("t", { z: 1, size: 1, a: 1 }), metadata: { name: "t", what: 1 } };
    const { headers, json } = await send(`POST ${THINGS}`, { body });
    const names = ["metadata.what", "spec.a", "spec.z"];
    expect(headers.get("warning")).toBe(
      names.map((name) => `299 - "unknown field \\"${name}\\""`).join(", "),
    );
    expect(json.spec).toEqual({ size: 1, tone: "warm" });
  });
});
