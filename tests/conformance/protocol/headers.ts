import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ANONYMOUS } from "../../fixtures/api_server_under_test.ts";
import type { OpenSession, Reply } from "../session.ts";

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";
const DISCOVERY_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** What clients go by: how to read the body, whether to keep it, when to ask again. */
function headersOf(reply: Reply): (string | null)[] {
  return ["content-type", "cache-control", "retry-after", "warning"].map((name) => reply.header(name));
}

export function headerCases(open: OpenSession): void {
  describe("the headers of an answer", () => {
    const asked: readonly [title: string, method: string, path: string, sent: object, status: number][] = [
      ["an object", "GET", "/api/v1/namespaces/<namespace>", {}, 200],
      ["a list", "GET", "/api/v1/namespaces/<namespace>/configmaps", {}, 200],
      ["a list of a custom kind", "GET", "/apis/example.com/v1/namespaces/<namespace>/widgets", {}, 200],
      ["a watch", "GET", "/api/v1/namespaces/<namespace>/configmaps?watch=1&timeoutSeconds=1", {}, 200],
      [
        "a create",
        "POST",
        "/api/v1/namespaces/<namespace>/configmaps",
        { body: { metadata: { name: "n" } } },
        201,
      ],
      ["a bad request", "POST", "/api/v1/namespaces/<namespace>/configmaps", { body: "{" }, 400],
      ["a 401", "GET", "/api/v1/namespaces/<namespace>/configmaps", { user: "unknown" }, 401],
      ["a 403", "GET", "/api/v1/namespaces/<namespace>/configmaps", { user: ANONYMOUS }, 403],
      ["a 404", "GET", "/api/v1/namespaces/<namespace>/configmaps/absent", {}, 404],
      ["a 405", "PUT", "/api/v1/namespaces/<namespace>/configmaps", { body: {} }, 405],
      [
        "a 406",
        "GET",
        "/api/v1/namespaces/<namespace>/configmaps",
        { headers: { accept: "text/html" } },
        406,
      ],
      [
        "a 415",
        "POST",
        "/api/v1/namespaces/<namespace>/configmaps",
        { body: "x", headers: { "content-type": "text/plain" } },
        415,
      ],
      [
        "a 422",
        "POST",
        "/api/v1/namespaces/<namespace>/configmaps",
        { body: { metadata: { name: "A" } } },
        422,
      ],
      ["a 500", "GET", "/api/v1/namespaces/<namespace>/configmaps?watch=1&resourceVersion=x", {}, 500],
      ["legacy discovery", "GET", "/apis", {}, 200],
      ["the version", "GET", "/version", {}, 200],
    ];
    for (const [title, method, path, sent, status] of asked) {
      it(`of ${title} say JSON, not to be kept`, async () => {
        const reply = await (await open()).send(method, path, sent);
        expect([reply.status, ...headersOf(reply)]).toEqual([
          status,
          JSON_TYPE,
          "no-cache, private",
          null,
          null,
        ]);
      });
    }

    const texts: readonly [path: string, status: number][] = [
      ["/healthz", 200],
      ["/livez", 200],
      ["/readyz", 200],
      ["/nothing", 404],
      ["/apis/nothing.example.com/v1/things", 404],
    ];
    for (const [path, status] of texts) {
      it(`of ${path} say plain text, not to be sniffed`, async () => {
        const reply = await (await open()).get(path);
        expect([reply.status, ...headersOf(reply)]).toEqual([
          status,
          TEXT_TYPE,
          "no-cache, private",
          null,
          null,
        ]);
        expect(reply.header("x-content-type-options")).toBe("nosniff");
      });
    }

    it("of aggregated discovery say its type, and that it may be kept", async () => {
      const reply = await (await open()).get("/apis", { headers: { accept: DISCOVERY_TYPE } });
      expect([...headersOf(reply), reply.header("vary")]).toEqual([
        DISCOVERY_TYPE,
        "public",
        null,
        null,
        "Accept",
      ]);
      expect(reply.header("etag")).toMatch(/^"[0-9A-F]+"$/);
    });

    it("of a resource version in the future say when to ask again", async () => {
      const api = await open();
      const reply = await api.get(`${api.configMaps}?resourceVersion=99999999`);
      expect([reply.status, ...headersOf(reply)]).toEqual([504, JSON_TYPE, "no-cache, private", "1", null]);
      expect((reply.json.details as { retryAfterSeconds: number }).retryAfterSeconds).toBe(1);
    });

    it("of what did something else than was asked warn of it, each warning by itself", async () => {
      const api = await open();
      const body = { metadata: { name: "one" }, nothing: 1, more: 2 };
      const reply = await api.send("POST", api.configMaps, { body });
      expect(reply.header("warning")).toBe(
        '299 - "unknown field \\"nothing\\"", 299 - "unknown field \\"more\\""',
      );
    });
  });

  describe("a body that is too large", () => {
    it("is a 413 that says how large it may be", async () => {
      const api = await open();
      const body = { metadata: { name: "one" }, data: { a: "x".repeat(3 * 1024 * 1024) } };
      const reply = await api.send("POST", api.configMaps, { body });
      expect([reply.status, reply.text]).toEqual([
        413,
        '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge","code":413}\n',
      ]);
    });
  });
}
