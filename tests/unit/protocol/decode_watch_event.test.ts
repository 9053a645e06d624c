import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, ProtocolError } from "../../../lib/kubernetes/errors.ts";
import { decodeWatchEvent } from "../../../lib/protocol/decode_watch_event.ts";

const context = { apiVersion: "v1", kind: "Secret", content: "object" } as const;

function refusal(frame: string): Error {
  try {
    decodeWatchEvent(frame, context);
  } catch (error) {
    return error as Error;
  }
  throw new Error("It was decoded");
}

function frame(type: string, object: unknown): string {
  return JSON.stringify({ type, object });
}

describe("decodeWatchEvent", () => {
  for (const type of ["ADDED", "MODIFIED", "DELETED"]) {
    it(`gives the object of ${type}`, () => {
      const metadata = { name: "f1", namespace: "t", uid: "u", resourceVersion: "282", labels: { a: "b" } };
      const event = decodeWatchEvent(
        frame(type, { kind: "Secret", apiVersion: "v1", metadata, data: { k: "v" } }),
        context,
      );
      if (event.type === "BOOKMARK" || event.type === "ERROR") throw new Error(event.type);
      expect(event.type).toBe(type);
      const { object } = event;
      expect([object.namespace, object.name, object.uid, object.resourceVersion]).toEqual([
        "t",
        "f1",
        "u",
        "282",
      ]);
      expect(object.labels).toEqual({ a: "b" });
      expect(object.object()).toEqual({ apiVersion: "v1", kind: "Secret", metadata, data: { k: "v" } });
    });
  }

  it("finds the metadata of a custom resource, whose keys are sorted", () => {
    const text =
      '{"type":"ADDED","object":{"alpha":{"metadata":{"name":"trap2"}},"apiVersion":"example.com/v1","data":1,"kind":"Widget","metadata":{"creationTimestamp":"x","name":"f1","namespace":"t","resourceVersion":"286","uid":"4789"},"spec":{}}}';
    const event = decodeWatchEvent(text, {
      apiVersion: "example.com/v1",
      kind: "Widget",
      content: "metadata",
    });
    if (event.type !== "ADDED") throw new Error(event.type);
    expect([event.object.name, event.object.namespace]).toEqual(["f1", "t"]);
    expect(event.object.object()).toBe(undefined);
  });

  it("takes a bookmark for a version, whatever zero values it drags along", () => {
    const plain = frame("BOOKMARK", {
      kind: "Secret",
      apiVersion: "v1",
      metadata: { resourceVersion: "324" },
    });
    expect(decodeWatchEvent(plain, context)).toEqual({
      type: "BOOKMARK",
      resourceVersion: "324",
      initialEventsEnd: false,
    });
    const pod = frame("BOOKMARK", {
      ...{ kind: "Pod", apiVersion: "v1", spec: { containers: null }, status: {} },
      metadata: { resourceVersion: "379", annotations: { "k8s.io/initial-events-end": "true" } },
    });
    expect(decodeWatchEvent(pod, context)).toEqual({
      type: "BOOKMARK",
      resourceVersion: "379",
      initialEventsEnd: true,
    });
  });

  it("takes a bookmark for the end of the initial objects only where it says true", () => {
    const metadata = { resourceVersion: "5", annotations: { "k8s.io/initial-events-end": "false" } };
    expect(decodeWatchEvent(frame("BOOKMARK", { metadata }), context)).toEqual({
      ...{ type: "BOOKMARK", resourceVersion: "5", initialEventsEnd: false },
    });
  });

  it("gives the error of a Status", () => {
    const status = {
      kind: "Status",
      status: "Failure",
      message: "too old resource version: 208 (210)",
      reason: "Expired",
      code: 410,
    };
    const event = decodeWatchEvent(frame("ERROR", status), context);
    if (event.type !== "ERROR") throw new Error(event.type);
    expect(event.error).toBeInstanceOf(ApiError);
    expect(event.error.message).toBe("Cannot watch Secret: too old resource version: 208 (210) (410)");
    expect([event.error.status, event.error.reason]).toEqual([410, "Expired"]);
  });

  const broken: Readonly<Record<string, string>> = {
    "a fragment": '{"type":"ADDED","object":{"metadata":{"name":"hunter2"',
    "text that is no JSON": "hunter2",
    null: "null",
    "an array": "[]",
    "a text": '"hunter2"',
    "an event without object": '{"type":"ADDED"}',
    "an event whose object is null": frame("ADDED", null),
    "an event whose object is an array": frame("ADDED", []),
    "an unknown type": frame("hunter2", { metadata: { name: "a", resourceVersion: "1" } }),
    "no type": JSON.stringify({ object: { metadata: { name: "a", resourceVersion: "1" } } }),
    "an object without name": frame("ADDED", { metadata: { resourceVersion: "1" }, data: "hunter2" }),
    "an object without resource version": frame("ADDED", { metadata: { name: "a" }, data: "hunter2" }),
    "an object without metadata": frame("DELETED", { data: "hunter2" }),
    "a bookmark without metadata": frame("BOOKMARK", { data: "hunter2" }),
    "a bookmark with an empty version": frame("BOOKMARK", { metadata: { resourceVersion: "" } }),
    "a bookmark with a number for a version": frame("BOOKMARK", { metadata: { resourceVersion: 5 } }),
  };
  for (const [name, text] of Object.entries(broken)) {
    it(`refuses ${name}, and quotes nothing of it`, () => {
      const error = refusal(text);
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error.message).toContain("Cannot decode a watch event of Secret: ");
      expect(error.message).not.toContain("hunter2");
      expect(error.cause).toBe(undefined);
    });
  }
});
