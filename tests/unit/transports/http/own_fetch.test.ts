import process from "node:process";
import { expect } from "@std/expect";
import { describe } from "@std/testing/bdd";
import type { HttpRequest } from "../../../../transports/http/http_transport.ts";
import { ownFetchClient } from "../../../../transports/http/own_fetch.ts";
import { useFetchStandIn } from "../../../fixtures/fetch_stand_in.ts";
import { itUnless } from "../../../fixtures/this_runtime.ts";

const it = itUnless({ deno: "the test plays another runtime", bun: "the test plays another runtime" });
const HERE = "http://127.0.0.1:8001";
const PROXY = "http://proxy.example:3128";

describe("ownFetchClient", () => {
  const standIn = useFetchStandIn();
  function proxied(environment: Record<string, string>, baseUrl = HERE): boolean {
    process.env = { ...process.env, ...environment };
    return ownFetchClient(baseUrl).proxied === true;
  }

  for (const { environment, expected, baseUrl } of [
    { environment: { HTTP_PROXY: PROXY }, expected: false },
    { environment: { NODE_USE_ENV_PROXY: "1" }, expected: false },
    { environment: { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: PROXY }, expected: true },
    { environment: { NODE_USE_ENV_PROXY: "1", http_proxy: PROXY }, expected: true },
    { environment: { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: PROXY }, expected: false },
    {
      environment: { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: PROXY, NO_PROXY: "a, 127.0.0.1" },
      expected: false,
    },
    { environment: { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: PROXY, NO_PROXY: "localhost" }, expected: true },
    { environment: { NODE_OPTIONS: "--use-env-proxy", HTTP_PROXY: PROXY }, expected: true },
    {
      environment: { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: PROXY },
      baseUrl: "https://127.0.0.1",
      expected: false,
    },
  ]) {
    const where = baseUrl ? ` to ${baseUrl}` : "";
    it(`is ${expected ? "" : "not "}by a proxy on Node${where} with ${JSON.stringify(environment)}`, () => {
      expect(proxied(environment, baseUrl)).toBe(expected);
    });
  }

  for (const { expected, ...exempt } of [
    { NO_PROXY: "127.0.0.1", no_proxy: "localhost", expected: true },
    { NO_PROXY: "localhost", no_proxy: "127.0.0.1", expected: true },
    { NO_PROXY: "127.0.0.1", no_proxy: "", expected: true },
    { NO_PROXY: "127.0.0.1", no_proxy: "a,127.0.0.1", expected: false },
  ]) {
    it(`is ${expected ? "" : "not "}by a proxy with both of ${JSON.stringify(exempt)}`, () => {
      expect(proxied({ NODE_USE_ENV_PROXY: "1", HTTP_PROXY: PROXY, ...exempt })).toBe(expected);
    });
  }

  for (const { state, environment, expected } of [
    { state: "granted", environment: {}, expected: false },
    { state: "granted", environment: { HTTP_PROXY: PROXY }, expected: true },
    { state: "granted", environment: { ALL_PROXY: PROXY }, expected: true },
    { state: "granted", environment: { HTTP_PROXY: PROXY, no_proxy: "127.0.0.1" }, expected: false },
    {
      state: "granted",
      environment: { HTTP_PROXY: PROXY, no_proxy: "127.0.0.1", NO_PROXY: "localhost" },
      expected: true,
    },
    { state: "prompt", environment: {}, expected: true },
    { state: "denied", environment: {}, expected: true },
  ]) {
    it(`is ${expected ? "" : "not "}by a proxy on Deno with ${JSON.stringify(environment)}, ${state}`, () => {
      standIn.become("Deno", { permissions: { querySync: () => ({ state }) } });
      expect(proxied(environment)).toBe(expected);
    });
  }

  it("tells Bun to go straight over http to this machine, and nowhere else", async () => {
    standIn.become("Bun", {});
    const { signal } = new AbortController();
    for (const [origin, told] of [
      [HERE, { proxy: false }],
      ["https://127.0.0.1:6443", {}],
      ["http://10.0.0.1:8001", {}],
    ] as const) {
      const client = ownFetchClient(origin);
      expect(client.proxied ?? false).toBe(false);
      const request: HttpRequest = {
        ...{ method: "GET", origin, target: "/a", body: undefined, stream: false },
        headers: new Map(),
        asked: { method: "GET", path: "/a" },
      };
      await client.send(request, signal);
      const { proxy } = standIn.calls.at(-1) as { proxy?: unknown };
      expect(proxy).toBe("proxy" in told ? told.proxy : undefined);
    }
  });
});
