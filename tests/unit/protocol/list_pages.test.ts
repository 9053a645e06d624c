import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, ProtocolError, TransportError } from "../../../lib/kubernetes/errors.ts";
import { listPages } from "../../../lib/protocol/list_pages.ts";
import { type FakeAnswer, FakeApi, rejection, statusBody } from "../../fixtures/fake_api.ts";

const path = "/api/v1/namespaces/t/configmaps";

function page(
  names: readonly string[],
  { version = "100", token }: { version?: string; token?: string } = {},
) {
  const metadata = { resourceVersion: version, ...(token !== undefined && { continue: token }) };
  const items = names.map((name) => ({ metadata: { name, resourceVersion: "1" } }));
  return { json: { kind: "ConfigMapList", apiVersion: "v1", metadata, items } };
}

/** Answers in this order, then the last one again. */
function answering(...answers: readonly FakeAnswer[]): FakeApi {
  let next = 0;
  return new FakeApi(() => answers[Math.min(next++, answers.length - 1)] as FakeAnswer);
}

function queries(api: FakeApi): Record<string, string>[] {
  return api.paths.map((path) => Object.fromEntries(new URL(path, "http://127.0.0.1").searchParams));
}

function names(items: readonly { metadata?: { name?: string } }[]): (string | undefined)[] {
  return items.map((item) => item.metadata?.name);
}

const expired = statusBody(410, {
  reason: "Expired",
  message: "The provided continue parameter is too old",
  metadata: { continue: "inconsistent" },
});

describe("listPages", () => {
  it("gives one page with the resource version of the list", async () => {
    const api = answering(page(["a", "b"]));
    const { items, resourceVersion } = await listPages(api, path);
    expect([names(items), resourceVersion]).toEqual([["a", "b"], "100"]);
    expect(api.paths).toEqual([`${path}?limit=500`]);
  });

  it("follows the pages, short and empty ones too", async () => {
    const api = answering(page(["a"], { token: "t1" }), page([], { token: "t2" }), page(["b", "c"]));
    const { items } = await listPages(api, path, { query: { labelSelector: "x=y" }, limit: 2 });
    expect(names(items)).toEqual(["a", "b", "c"]);
    expect(queries(api)).toEqual([
      { labelSelector: "x=y", limit: "2" },
      { labelSelector: "x=y", limit: "2", continue: "t1" },
      { labelSelector: "x=y", limit: "2", continue: "t2" },
    ]);
  });

  it("tells the resource version to the first page only", async () => {
    const api = answering(page(["a"], { token: "t1" }), page(["b"]));
    await listPages(api, path, { query: { resourceVersion: "7", resourceVersionMatch: "NotOlderThan" } });
    expect(queries(api)).toEqual([
      { resourceVersion: "7", resourceVersionMatch: "NotOlderThan", limit: "500" },
      { limit: "500", continue: "t1" },
    ]);
  });

  it("takes an empty continue token for none", async () => {
    const api = answering(page(["a"], { token: "" }));
    expect(names((await listPages(api, path)).items)).toEqual(["a"]);
    expect(api.requests.length).toBe(1);
  });

  it("takes items that are null or absent for none", async () => {
    for (const items of [null, undefined]) {
      const json = { kind: "PartialObjectMetadataList", metadata: { resourceVersion: "5" }, items };
      expect(await listPages(answering({ json }), path)).toEqual({ items: [], resourceVersion: "5" });
    }
  });

  it("says of each item what the list says, and leaves what an item says itself", async () => {
    const typed = await listPages(answering(page(["a"])), path);
    expect([typed.items[0]?.kind, typed.items[0]?.apiVersion]).toEqual(["ConfigMap", "v1"]);
    const own = { kind: "Widget", apiVersion: "example.com/v1", metadata: { name: "w" } };
    const metadata = { resourceVersion: "5", continue: "" };
    const json = { apiVersion: "example.com/v2", items: [own], kind: "ThingList", metadata };
    expect((await listPages(answering({ json }), path)).items).toEqual([own]);
  });

  it("begins anew when a continue token has expired, and never merges", async () => {
    const api = answering(
      page(["a", "b"], { token: "t1" }),
      expired,
      page(["b"], { version: "200", token: "t2" }),
      page(["c"], { version: "200" }),
    );
    const query = { resourceVersion: "7" };
    expect(await listPages(api, path, { query })).toEqual(
      await listPages(answering(page(["b", "c"], { version: "200" })), path),
    );
    expect(queries(api).map((one) => [one.continue, one.resourceVersion])).toEqual([
      [undefined, "7"],
      ["t1", undefined],
      [undefined, "7"],
      ["t2", undefined],
    ]);
  });

  it("gives up after three new beginnings", async () => {
    const api = new FakeApi(({ path }) =>
      path.includes("continue=") ? expired : page(["a"], { token: "t" }),
    );
    const error = await rejection(listPages(api, path));
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).status).toBe(410);
    expect(api.requests.length).toBe(8);
  });

  it("rejects with an error of the first page, a 410 too", async () => {
    for (const answer of [expired, statusBody(403, { reason: "Forbidden" }), { status: 503, text: "no" }]) {
      const api = answering(answer);
      const error = await rejection(listPages(api, path));
      expect(error).toBeInstanceOf(ApiError);
      expect((error as ApiError).status).toBe(answer.status);
      expect((error as ApiError).message).toContain(`Cannot list ${path}: `);
      expect(api.requests.length).toBe(1);
    }
  });

  it("rejects with any other error of a later page", async () => {
    const api = answering(page(["a"], { token: "t" }), { status: 429, text: "Too many requests" });
    expect(((await rejection(listPages(api, path))) as ApiError).status).toBe(429);
    const breaksWith = new TransportError("Cannot read the body: reset");
    const broken = answering(page(["a"], { token: "t" }), { text: '{"kind":', breaksWith });
    expect(await rejection(listPages(broken, path))).toBe(breaksWith);
  });

  const broken: Readonly<Record<string, unknown>> = {
    "a list without metadata": { kind: "ConfigMapList", items: [] },
    "a list without resource version": { metadata: {}, items: [] },
    "a list with an empty resource version": { metadata: { resourceVersion: "" }, items: [] },
    "items that are no array": { metadata: { resourceVersion: "5" }, items: {} },
    "an item that is null": { metadata: { resourceVersion: "5" }, items: [null] },
  };
  for (const [name, json] of Object.entries(broken)) {
    it(`refuses ${name}`, async () => {
      expect(await rejection(listPages(answering({ json }), path))).toBeInstanceOf(ProtocolError);
    });
  }

  it("refuses a page that names itself as the next, instead of asking for ever", async () => {
    const api = answering(page(["a"], { token: "t" }));
    expect(await rejection(listPages(api, path))).toBeInstanceOf(ProtocolError);
    expect(api.requests.length).toBe(2);
  });

  it("hands on headers, signal and progress", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const api = new FakeApi(({ path }) => {
      if (path.includes("continue=")) abort.abort(reason);
      return page(["a"], { token: "t" });
    });
    let progress = 0;
    const onProgress = () => {
      progress += 1;
    };
    const headers = {
      accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
    };
    expect(await rejection(listPages(api, path, { headers, signal: abort.signal, onProgress }))).toBe(reason);
    expect(progress).toBe(2);
    expect(api.requests.map((request) => request.headers)).toEqual([headers, headers]);
  });
});
