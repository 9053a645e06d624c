import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ObjectSchema } from "../../../../transports/memory/object_schema.ts";
import { MERGE_PATCH } from "./exchange.ts";
import { THING_SPEC, THINGS, thing, thingDefinition, thingWorld } from "./thing.ts";

const DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com";
const merge = (body: object) => ({ type: MERGE_PATCH, body });

describe("the schema of a custom kind", () => {
  it("refuses what it does not allow with a 422, byte by byte as the API server does", async () => {
    const { send } = await thingWorld();
    const { status, text } = await send(`POST ${THINGS}`, { body: thing("a", { size: 9 }) });
    expect(status).toBe(422);
    expect(text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Thing.example.com \\"a\\" is ' +
        'invalid: spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5","reason":"Invalid",' +
        '"details":{"name":"a","group":"example.com","kind":"Thing","causes":[{"reason":"FieldValueInvalid","message":' +
        '"Invalid value: 9: spec.size in body should be less than or equal to 5","field":"spec.size"}]},"code":422}\n',
    );
  });

  it("names what is wrong with name, labels and fields in one answer, in this order", async () => {
    const { send } = await thingWorld();
    const body = thing("X_y", { size: 9 }, { metadata: { name: "X_y", labels: { ok: "b c" } } });
    const { json } = await send(`POST ${THINGS}`, { body });
    expect((json.details.causes as { field: string }[]).map(({ field }) => field)).toEqual([
      ...["metadata.name", "metadata.labels", "spec.size"],
    ]);
  });

  it("fills in defaults and drops unknown fields, of which it warns in the API server's words", async () => {
    const { send } = await thingWorld();
    const answer = await send(`POST ${THINGS}`, { body: thing("a", { zork: 1 }, { extra: 1 }) });
    expect([answer.status, answer.json.spec, answer.json.extra]).toEqual([201, { tone: "warm" }, undefined]);
    expect(answer.headers.get("warning")).toBe(
      '299 - "unknown field \\"extra\\"", 299 - "unknown field \\"spec.zork\\""',
    );
  });

  it("warns with a refusal, too", async () => {
    const { send } = await thingWorld();
    const answer = await send(`POST ${THINGS}`, { body: thing("a", { size: 9, zork: 1 }) });
    expect([answer.status, answer.headers.get("warning")]).toEqual([
      422,
      '299 - "unknown field \\"spec.zork\\""',
    ]);
  });

  it("warns of nothing with fieldValidation=Ignore", async () => {
    const { send } = await thingWorld();
    const answer = await send(`POST ${THINGS}?fieldValidation=Ignore`, { body: thing("a", { zork: 1 }) });
    expect([answer.status, answer.headers.get("warning")]).toEqual([201, null]);
  });

  it("refuses unknown fields with fieldValidation=Strict, in the API server's words", async () => {
    const { send, patch } = await thingWorld();
    const { status, json } = await send(`POST ${THINGS}?fieldValidation=Strict`, {
      body: thing("a", { zork: 1 }, { metadata: { name: "a", odd: 1 } }),
    });
    expect([status, json.message]).toEqual([
      400,
      'Thing in version "v1" cannot be handled as a Thing: strict decoding error: unknown field "metadata.odd", unknown field "spec.zork"',
    ]);
    await send(`POST ${THINGS}`, { body: thing("a") });
    const answer = await patch("a", { spec: { zork: 1 } }, { as: "m&fieldValidation=Strict" });
    expect(answer.status).toBe(422);
    expect(answer.json.message).toMatch(
      /^ "" is invalid: patch: Invalid value: "\{.*\}": strict decoding error: unknown field "spec.zork"$/,
    );
  });

  it("takes a removed field's default, and a null for it", async () => {
    const { send, patch } = await thingWorld();
    await send(`POST ${THINGS}`, { body: thing("a", { tone: "cold" }) });
    expect((await patch("a", { spec: { tone: null } }, { as: "m" })).json.spec).toEqual({ tone: "warm" });
  });

  it("refuses duplicates in sets and list-maps in the API server's words", async () => {
    const { send } = await thingWorld();
    const ports = [{ port: 1 }, { port: 1, protocol: "TCP" }];
    const { json } = await send(`POST ${THINGS}`, {
      body: thing("a", { tags: ["a", "b", "a", "a"], ports }),
    });
    expect(json.details.causes).toEqual([
      {
        reason: "FieldValueDuplicate",
        message: 'Duplicate value: {"port":1,"protocol":"TCP"}',
        field: "spec.ports[1]",
      },
      { reason: "FieldValueDuplicate", message: 'Duplicate value: "a"', field: "spec.tags[2]" },
    ]);
  });

  it("checks the status by its own path only", async () => {
    const { send } = await thingWorld();
    const made = await send(`POST ${THINGS}`, { body: thing("a", {}, { status: { phase: "bad" } }) });
    expect([made.status, made.json.status]).toEqual([201, undefined]);
    const answer = await send(`PATCH ${THINGS}/a/status`, merge({ status: { phase: "bad" } }));
    expect([answer.status, answer.json.message]).toEqual([
      422,
      'Thing.example.com "a" is invalid: status.phase: Unsupported value: "bad": supported values: "up", "down"',
    ]);
  });

  it("says of an embedded object what it lacks, as the API server does", () => {
    const embedded = { type: "object", "x-kubernetes-embedded-resource": true };
    const schema = new ObjectSchema({ type: "object", properties: { inner: embedded } });
    expect(schema.causes({ inner: { kind: "" } })).toEqual([
      { reason: "FieldValueRequired", message: "Required value", field: "inner.apiVersion" },
      { reason: "FieldValueInvalid", message: 'Invalid value: "": must not be empty', field: "inner.kind" },
    ]);
  });

  it("that changes is how stored objects are shown from then on, at their old versions", async () => {
    const { send } = await thingWorld();
    const made = await send(`POST ${THINGS}`, { body: thing("a", { size: 5, colour: "red" }) });
    const { colour: _, ...properties } = THING_SPEC.properties ?? {};
    const size = { type: "integer", maximum: 3 };
    const added = { type: "string", default: "new" };
    const { spec } = thingDefinition({ type: "object", properties: { ...properties, size, added } });
    await send(`PATCH ${DEFINITION}`, merge({ spec }));
    const { json } = await send(`GET ${THINGS}/a`);
    expect(json.spec).toEqual({ size: 5, tone: "warm", added: "new" });
    expect(json.metadata.resourceVersion).toBe(made.json.metadata.resourceVersion);
  });

  it("that became stricter still takes what stays as it was, and no other wrong value", async () => {
    const { send, patch } = await thingWorld();
    await send(`POST ${THINGS}`, { body: thing("a", { size: 5 }) });
    const properties = { ...THING_SPEC.properties, size: { type: "integer", maximum: 3 } };
    const { spec } = thingDefinition({ type: "object", properties });
    await send(`PATCH ${DEFINITION}`, merge({ spec }));
    expect((await patch("a", { spec: { colour: "red" } }, { as: "m" })).status).toBe(200);
    expect((await patch("a", { spec: { size: 4 } }, { as: "m" })).status).toBe(422);
  });
});
