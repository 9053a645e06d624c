import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, type Sent, world } from "./exchange.ts";

async function withOne(metadata: object = {}) {
  const { server, send } = await world();
  const one = configMap("one");
  await server.create({ ...one, metadata: { ...one.metadata, ...metadata } });
  const remove = (query = "", sent: Sent = {}) => send(`DELETE ${CONFIG_MAPS}/one${query}`, sent);
  return { send, remove };
}

describe("deleteOptions", () => {
  const asked: readonly [query: string, body: object | undefined, finalizers: string[] | undefined][] = [
    ["?propagationPolicy=Foreground", undefined, ["foregroundDeletion"]],
    ["?orphanDependents=true", undefined, ["orphan"]],
    ["?propagationPolicy=Foreground", {}, undefined],
    ["?dryRun=All", {}, undefined],
    ["", { propagationPolicy: "Orphan" }, ["orphan"]],
    ["", { propagationPolicy: null, orphanDependents: true }, ["orphan"]],
    ["", { propagationPolicy: "Background" }, undefined],
    ["", { orphanDependents: false }, undefined],
  ];
  for (const [query, body, finalizers] of asked) {
    const outcome = finalizers ? `leaves an object that ${finalizers} holds` : "leaves nothing";
    it(`${query} with the body ${JSON.stringify(body)} ${outcome}`, async () => {
      const { send, remove } = await withOne();
      const { json } = await remove(query, { body });
      expect(json.metadata.finalizers).toEqual(finalizers);
      const { status, json: left } = await send(`GET ${CONFIG_MAPS}/one`);
      expect([status, left.metadata.finalizers]).toEqual([finalizers ? 200 : 404, finalizers]);
    });
  }

  it("of a later DELETE replace the policy of an earlier one, once for each change", async () => {
    const { remove } = await withOne({ finalizers: ["a.b/c"] });
    const first = await remove("?propagationPolicy=Foreground");
    expect(first.json.metadata.finalizers).toEqual(["a.b/c", "foregroundDeletion"]);
    expect((await remove()).text).toBe(first.text);
    const second = await remove("?propagationPolicy=Orphan");
    expect(second.json.metadata).toMatchObject({
      finalizers: ["a.b/c", "orphan"],
      deletionTimestamp: first.json.metadata.deletionTimestamp,
    });
    const third = await remove("?propagationPolicy=Background");
    expect(third.json.metadata.finalizers).toEqual(["a.b/c"]);
  });

  it("are invalid, also where there is nothing, in the words of the API server", async () => {
    const { send, remove } = await withOne();
    const head = 'DeleteOptions.meta.k8s.io "" is invalid: ';
    const policy = 'Unsupported value: "No": supported values: "Foreground", "Background", "Orphan", "nil"';
    const absent = await send(`DELETE ${CONFIG_MAPS}/absent?propagationPolicy=No`);
    expect([absent.status, absent.json.message]).toEqual([422, `${head}propagationPolicy: ${policy}`]);
    const two = await remove("", { body: { propagationPolicy: "No", dryRun: ["no"] } });
    const dryRun = 'dryRun: Unsupported value: ["no"]: supported values: "All"';
    expect(two.json.message).toBe(`${head}[propagationPolicy: ${policy}, ${dryRun}]`);
    const both = await remove("", { body: { propagationPolicy: "Orphan", orphanDependents: true } });
    expect(both.json.message).toBe(
      `${head}propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set`,
    );
    expect((await send(`GET ${CONFIG_MAPS}/one`)).status).toBe(200);
  });

  it("in a body that is no object are a bad request", async () => {
    const { remove } = await withOne();
    for (const body of ["{", "[]"]) expect((await remove("", { body })).status).toBe(400);
  });
});
