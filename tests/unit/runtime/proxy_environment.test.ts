import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { environmentProxy } from "../../../runtime/proxy_environment.ts";
import { invalidInput } from "./kubeconfig_case.ts";

const PROXY = "http://proxy.example:3128";

describe("environmentProxy", () => {
  for (const { server, env, expected } of [
    { server: "https://prod", env: {}, expected: undefined },
    { server: "https://prod", env: { HTTPS_PROXY: PROXY }, expected: PROXY },
    { server: "https://prod", env: { https_proxy: PROXY }, expected: PROXY },
    { server: "https://prod", env: { HTTPS_PROXY: PROXY, https_proxy: "http://other" }, expected: PROXY },
    { server: "https://prod", env: { HTTPS_PROXY: "", https_proxy: PROXY }, expected: PROXY },
    { server: "https://prod", env: { HTTP_PROXY: PROXY, ALL_PROXY: PROXY }, expected: undefined },
    { server: "http://prod", env: { HTTP_PROXY: PROXY }, expected: PROXY },
    { server: "http://prod", env: { http_proxy: PROXY }, expected: PROXY },
    { server: "http://prod", env: { HTTPS_PROXY: PROXY }, expected: undefined },
    { server: "https://prod", env: { HTTPS_PROXY: "proxy:3128" }, expected: "http://proxy:3128" },
    { server: "https://prod", env: { HTTPS_PROXY: "proxy" }, expected: "http://proxy" },
    {
      server: "https://prod",
      env: { HTTPS_PROXY: "socks5://me:pw@[::1]" },
      expected: "socks5://me:pw@[::1]",
    },
    { server: "https://prod", env: { HTTPS_PROXY: PROXY, REQUEST_METHOD: "GET" }, expected: PROXY },
  ]) {
    it(`goes to ${server} with ${JSON.stringify(env)} by ${expected ?? "no proxy"}`, () => {
      expect(environmentProxy(server, env)).toBe(expected);
    });
  }

  for (const server of [
    "https://localhost",
    "https://LOCALHOST:6443",
    "https://127.0.0.1:6443",
    "https://127.255.0.9",
    "https://[::1]:6443",
    "https://[::ffff:127.0.0.1]",
  ]) {
    it(`never goes to ${server} by one`, () => {
      expect(environmentProxy(server, { HTTPS_PROXY: PROXY })).toBeUndefined();
    });
  }

  const [direct, proxied] = [true, false];
  for (const [noProxy, host, expected] of [
    ["*", "prod.example", direct],
    [" a , * ", "prod.example", direct],
    ["example", "prod.example", direct],
    ["prod.example", "prod.example", direct],
    ["PROD.example", "prod.EXAMPLE", direct],
    ["example", "notexample", proxied],
    ["other.example", "prod.example", proxied],
    ["example", "example", direct],
    [".example", "example", proxied],
    [".example", "a.b.example", direct],
    ["*.example", "a.example", direct],
    ["*.example", "example", proxied],
    ["a,,prod.example ,b", "prod.example", direct],
    ["prod.example:6443", "prod.example:6443", direct],
    ["prod.example:443", "prod.example", direct],
    ["prod.example:443", "prod.example:6443", proxied],
    [".example:6443", "a.example:6443", direct],
    [":6443", "prod.example:6443", proxied],
    ["10.0.0.1", "10.0.0.1", direct],
    ["10.0.0.1:443", "10.0.0.1", direct],
    ["10.0.0.1:443", "10.0.0.1:6443", proxied],
    ["0.0.1", "10.0.0.1", proxied],
    ["10.0.0.0/8", "10.9.8.7:6443", direct],
    ["10.0.0.0/8", "11.0.0.1", proxied],
    ["10.0.0.0/8", "ten.example", proxied],
    ["192.168.4.0/22", "192.168.7.255", direct],
    ["192.168.4.0/22", "192.168.8.0", proxied],
    ["0.0.0.0/0", "8.8.8.8", direct],
    ["0.0.0.0/0", "[2001:db8::1]", proxied],
    ["10.0.0.0/33", "10.0.0.0", proxied],
    ["10.0.0.0/", "10.0.0.0", proxied],
    ["example/8", "example", proxied],
    ["2001:db8::1", "[2001:db8:0::1]", direct],
    ["[2001:db8::1]", "[2001:db8::1]", proxied],
    ["[10.0.0.1]:443", "10.0.0.1", direct],
    ["[2001:db8::1]:6443", "[2001:db8::1]:6443", direct],
    ["[2001:db8::1]:6443", "[2001:db8::1]", proxied],
    ["2001:db8::/32", "[2001:db8:ffff::]", direct],
    ["2001:db8::/32", "[2001:db9::]", proxied],
    ["::ffff:10.0.0.1", "10.0.0.1", direct],
  ] as const) {
    it(`goes to ${host} with NO_PROXY=${noProxy} ${expected ? "directly" : "by the proxy"}`, () => {
      for (const name of ["NO_PROXY", "no_proxy"]) {
        const env = { HTTPS_PROXY: PROXY, [name]: noProxy };
        expect(environmentProxy(`https://${host}`, env)).toBe(expected ? undefined : PROXY);
      }
    });
  }

  for (const { name, env, server = "https://prod", says } of [
    {
      name: "HTTPS_PROXY",
      env: { HTTPS_PROXY: "ftp://s3cr3t" },
      says: "must be an http, https or socks5 URL",
    },
    { name: "HTTPS_PROXY", env: { HTTPS_PROXY: "http://s3cr3t@" }, says: "must be an http" },
    {
      name: "HTTP_PROXY",
      server: "http://prod",
      env: { HTTP_PROXY: "http://s3cr3t", REQUEST_METHOD: "GET" },
      says: "not to be trusted in a CGI program",
    },
  ]) {
    it(`refuses ${JSON.stringify(env)}, and does not repeat it`, async () => {
      const error = await invalidInput(() => environmentProxy(server, env));
      expect(error.field).toBe(name);
      expect(error.message).toContain(`Cannot connect by the environment's proxy: ${name} `);
      expect(error.message).toContain(says);
      expect(inspect(error)).not.toContain("s3cr3t");
    });
  }

  it("does not look at what it does not use", () => {
    const env = { HTTPS_PROXY: "ftp://proxy", NO_PROXY: "prod" };
    expect(environmentProxy("https://prod", env)).toBeUndefined();
    expect(environmentProxy("http://prod", env)).toBeUndefined();
  });
});
