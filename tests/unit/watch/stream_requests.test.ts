import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, ProtocolError } from "../../../lib/kubernetes/errors.ts";
import type { ListActivity, WatchActivity } from "../../../lib/watch/reflector_state.ts";
import type { StreamSpec } from "../../../lib/watch/stream.ts";
import { listStream, objectContext, openWatch } from "../../../lib/watch/stream_requests.ts";
import { ScriptedTransport } from "../../fixtures/scripted_transport.ts";

const pods: StreamSpec = {
  resource: { group: "", version: "v1", resource: "pods" },
  kind: "Pod",
  namespace: "t",
  fieldSelector: "metadata.name=a",
  content: "object",
};
const deployments: StreamSpec = {
  resource: { group: "apps", version: "v1", resource: "deployments" },
  kind: "Deployment",
  labelSelector: "a in (b,c)",
  content: "metadata",
};
const list: ListActivity = { do: "list", resourceVersion: "", plainJson: true };
const watch: WatchActivity = { do: "watch", resourceVersion: "7", initialEvents: false, plainJson: true };
const options = { signal: new AbortController().signal, onProgress() {} };

function askList(spec: StreamSpec, activity: ListActivity) {
  const transport = new ScriptedTransport();
  const answer = listStream({ transport, spec }, { activity, ...options });
  return { call: transport.last(1), answer };
}

function askWatch(spec: StreamSpec, activity: WatchActivity, timeoutMs = 450_000) {
  const transport = new ScriptedTransport();
  const answer = openWatch({ transport, spec }, { activity, timeoutMs, ...options });
  return { call: transport.last(1), answer };
}

describe("listStream", () => {
  it("asks for the freshest without a version, page by page", async () => {
    const { call, answer } = askList(pods, list);
    expect(call.path).toBe("/api/v1/namespaces/t/pods");
    expect(call.query).toEqual({ fieldSelector: "metadata.name=a", limit: "500" });
    expect(call.accept).toBe("application/json");
    call.answer(200, { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "9" }, items: [] });
    expect(await answer).toEqual({ items: [], resourceVersion: "9" });
  });

  it("asks for what is not older than a version", () => {
    const { call } = askList(deployments, { ...list, resourceVersion: "7" });
    expect(call.path).toBe("/apis/apps/v1/deployments");
    expect(call.query).toEqual({
      labelSelector: "a in (b,c)",
      resourceVersion: "7",
      resourceVersionMatch: "NotOlderThan",
      limit: "500",
    });
  });

  it("asks for metadata in the List form, and takes its null items", async () => {
    const { call, answer } = askList(deployments, { ...list, plainJson: false });
    expect(call.accept).toBe(
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
    );
    call.answer(200, { metadata: { resourceVersion: "9" }, items: null });
    expect((await answer).items).toEqual([]);
  });

  for (const [content, kept] of [
    ["object", true],
    ["metadata", false],
  ] as const) {
    it(`makes watched objects (${content})`, async () => {
      const { call, answer } = askList({ ...pods, content }, list);
      const items = [{ metadata: { name: "a", namespace: "t", uid: "u", resourceVersion: "3" }, spec: {} }];
      call.answer(200, { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "9" }, items });
      const [object] = (await answer).items;
      expect(object).toMatchObject({ namespace: "t", name: "a", uid: "u", resourceVersion: "3" });
      expect(object?.object()?.kind).toBe(kept ? "Pod" : undefined);
    });
  }

  it("refuses an item without a resource version", async () => {
    const { call, answer } = askList(pods, list);
    call.answer(200, { metadata: { resourceVersion: "9" }, items: [{ metadata: { name: "a" } }] });
    const error = await answer.catch((reason) => reason);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toBe("Cannot list Pod: an item has no name or no resource version");
  });
});

describe("openWatch", () => {
  it("asks for a watch from a version, with bookmarks and an end", () => {
    const { call } = askWatch(pods, watch);
    expect(call.path).toBe("/api/v1/namespaces/t/pods");
    expect(call.query).toEqual({
      watch: "1",
      allowWatchBookmarks: "true",
      resourceVersion: "7",
      timeoutSeconds: "450",
      fieldSelector: "metadata.name=a",
    });
    expect(call.request.stream).toBe(true);
  });

  it("asks for a streaming list of the freshest", () => {
    const { call } = askWatch(deployments, { ...watch, resourceVersion: "", initialEvents: true });
    expect(call.query).toEqual({
      watch: "1",
      allowWatchBookmarks: "true",
      sendInitialEvents: "true",
      resourceVersionMatch: "NotOlderThan",
      timeoutSeconds: "450",
      labelSelector: "a in (b,c)",
    });
  });

  it("asks for a streaming list not older than a version", () => {
    const { call } = askWatch(deployments, { ...watch, initialEvents: true });
    expect(call.query).toMatchObject({ resourceVersion: "7", resourceVersionMatch: "NotOlderThan" });
  });

  it("asks for metadata in the form of one object, never of a list", () => {
    const { call } = askWatch(deployments, { ...watch, plainJson: false });
    expect(call.accept).toBe("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
  });

  it("asks for whole seconds, and for one at least", () => {
    expect(askWatch(pods, watch, 1_200).call.query.timeoutSeconds).toBe("2");
    expect(askWatch(pods, watch, 0).call.query.timeoutSeconds).toBe("1");
  });

  it("gives the body of a 200, and the error of everything else", async () => {
    const { call, answer } = askWatch(pods, watch);
    call.open().send("abc");
    call.end();
    const chunks: Uint8Array[] = [];
    for await (const chunk of await answer) chunks.push(chunk);
    expect(chunks.length).toBe(1);

    for (const status of [204, 302, 410]) {
      const refused = askWatch(pods, watch);
      refused.call.answer(status, "no");
      const error = await refused.answer.catch((reason) => reason);
      expect(error).toBeInstanceOf(ApiError);
      expect(error.status).toBe(status);
    }
  });
});

describe("onProgress", () => {
  it("is told of each answer, but not of a refusal", async () => {
    const transport = new ScriptedTransport();
    let progress = 0;
    const onProgress = () => {
      progress += 1;
    };
    const { signal } = options;
    const opened = openWatch(
      { transport, spec: pods },
      { activity: watch, timeoutMs: 1, signal, onProgress },
    );
    transport.last(1).open();
    await opened;
    expect(progress).toBe(1);
    const listed = listStream({ transport, spec: pods }, { activity: list, signal, onProgress });
    transport.last(2).answer(200, { metadata: { resourceVersion: "9" }, items: [] });
    await listed;
    expect(progress).toBe(3);
    const refused = openWatch(
      { transport, spec: pods },
      { activity: watch, timeoutMs: 1, signal, onProgress },
    );
    transport.last(3).answer(403, "no");
    await refused.catch(() => {});
    expect(progress).toBe(3);
  });
});

describe("objectContext", () => {
  it("tells a decoder what the objects are", () => {
    expect(objectContext(deployments)).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      content: "metadata",
    });
  });
});
