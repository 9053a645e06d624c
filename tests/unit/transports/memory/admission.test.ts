import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError } from "../../../../lib/kubernetes/errors.ts";
import {
  type AdmissionHook,
  type AdmissionRequest,
  memoryApiServer,
} from "../../../../transports/memory/mod.ts";
import { CONFIG_MAPS, configMap, definition, exchange, MERGE_PATCH, world } from "./exchange.ts";

const place = { version: "v1", kind: "ConfigMap", namespace: "t", name: "a" };

/** A server that notes what its hook is asked, in short. */
async function noting(more: (request: AdmissionRequest) => void = () => {}) {
  const asked: AdmissionRequest[] = [];
  const made = await world({
    admit: (request) => {
      asked.push(request);
      more(request);
    },
  });
  asked.length = 0; // the namespace "t"
  const told = () =>
    asked.map(({ operation, resource, subresource, name, object, oldObject, dryRun }) =>
      [
        ...[
          operation,
          `${resource}${subresource && `/${subresource}`}`,
          name,
          object && "object",
          oldObject && "old",
        ],
        dryRun && "dry",
      ]
        .filter(Boolean)
        .join(" "),
    );
  return { ...made, asked, told };
}

describe("admit", () => {
  it("is asked about each write, with what is there before and what would be after", async () => {
    const { server, send, told, asked } = await noting();
    await server.create({ ...configMap("a", { data: { k: "v" } }) });
    await server.patch(place, { metadata: { finalizers: ["example.com/held"] } });
    await server.delete(place);
    await send(`POST ${CONFIG_MAPS}?dryRun=All`, { body: { metadata: { name: "b" } } });
    await server.patch(place, { metadata: { finalizers: null } });
    expect(told()).toEqual([
      ...["CREATE configmaps a object", "UPDATE configmaps a object old", "DELETE configmaps a old"],
      ...["CREATE configmaps b object dry", "UPDATE configmaps a object old"],
    ]);
    expect(asked[0]).toMatchObject({
      ...{ group: "", version: "v1", kind: "ConfigMap", namespace: "t" },
      object: { kind: "ConfigMap", apiVersion: "v1", data: { k: "v" } },
      user: { username: "kubernetes-admin" },
    });
    expect(asked[1]?.oldObject?.metadata?.finalizers).toBeUndefined();
  });

  it("is told the generated name, the subresource and the user", async () => {
    const { server, told, asked } = await noting();
    const alice = server.transport("alice");
    await exchange(alice, `POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: "a-" } } });
    expect(asked[0]?.name).toMatch(/^a-.{5}$/);
    expect(asked[0]?.user).toEqual({ username: "alice", groups: ["system:authenticated"] });
    await exchange(alice, "POST /api/v1/namespaces/t/pods", { body: { metadata: { name: "p" }, spec: {} } });
    const body = { status: { phase: "Running" } };
    await exchange(alice, "PATCH /api/v1/namespaces/t/pods/p/status", { type: MERGE_PATCH, body });
    expect(told()[2]).toBe("UPDATE pods/status p object old");
  });

  it("is asked about each object of a collection, and not about what the server does itself", async () => {
    const { server, send, told } = await noting();
    for (const name of ["a", "b"]) await server.create(configMap(name));
    await server.create(definition("Widget"));
    await send(`DELETE ${CONFIG_MAPS}`);
    expect(told()).toEqual([
      ...["CREATE configmaps a object", "CREATE configmaps b object"],
      ...["CREATE customresourcedefinitions widgets.example.com object"],
      ...["DELETE configmaps a old", "DELETE configmaps b old"],
    ]);
  });

  it("refuses with 403 by an error, in the words of a webhook, and nothing is done", async () => {
    const { server, send } = await noting(({ operation, object }) => {
      if (operation === "DELETE") throw new Error("");
      if (object?.data !== undefined) throw new Error("no data here");
    });
    const { text } = await send(`POST ${CONFIG_MAPS}`, { body: configMap("a", { data: { k: "v" } }) });
    expect(text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"admission webhook \\"admit\\" denied the request: no data here","reason":"Forbidden","code":403}\n',
    );
    expect(await server.get(place)).toBeUndefined();
    await server.create(configMap("a"));
    await expect(server.patch(place, { data: { k: "v" } })).rejects.toMatchObject({ status: 403 });
    const kept = await server.delete(place).catch((error) => error);
    expect([kept.status, kept.message]).toEqual([
      403,
      expect.stringContaining('admission webhook "admit" denied the request without explanation'),
    ]);
    expect((await server.get(place))?.data).toBeUndefined();
  });

  it("refuses with the status, reason and details of an ApiError", async () => {
    const causes = [{ reason: "FieldValueInvalid", message: "too red", field: "data.colour" }];
    const { send } = await noting(({ kind }) => {
      if (kind !== "ConfigMap") return;
      throw new ApiError("too red", { status: 422, reason: "Invalid", details: { causes } });
    });
    const { status, json } = await send(`POST ${CONFIG_MAPS}`, { body: configMap("a") });
    expect([status, json.message, json.reason, json.details]).toEqual([
      ...[422, 'admission webhook "admit" denied the request: too red', "Invalid"],
      { causes },
    ]);
  });

  const useless: [what: string, admit: () => unknown, said: string][] = [
    ["a promise", async () => {}, "returned a promise"],
    ["a promise that rejects", () => Promise.reject(new Error("too late")), "returned a promise"],
    ["false", () => false, "returned false"],
    ["an answer of a webhook", () => ({ allowed: false }), "returned an object"],
  ];
  for (const [what, admit, said] of useless) {
    it(`fails every write where the hook gives ${what}: it would refuse nothing`, async () => {
      const server = memoryApiServer({ admit: admit as unknown as AdmissionHook });
      const metadata = { name: "a", namespace: "default" };
      const error = await server
        .create({ apiVersion: "v1", kind: "ConfigMap", metadata })
        .catch((why) => why);
      expect([error.status, error.reason]).toEqual([500, "InternalError"]);
      expect(error.message).toContain(`the admit hook ${said}; it must throw to refuse a write`);
      expect(await server.get({ ...place, namespace: "default" })).toBeUndefined();
    });
  }

  it("takes no async function, by its type", () => {
    const hooks: AdmissionHook[] = [
      () => {},
      ({ name }) => {
        if (name === "a") throw new Error("no a");
      },
      // @ts-expect-error Nobody would wait for it.
      async () => {},
      // @ts-expect-error It refuses nothing.
      () => false,
    ];
    expect(hooks.length).toBe(4);
  });
});
