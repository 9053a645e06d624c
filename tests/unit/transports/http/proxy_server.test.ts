import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { authority, parseProxy } from "../../../../transports/http/proxy_server.ts";

describe("parseProxy", () => {
  for (const { url, expected } of [
    {
      url: "http://proxy.example",
      expected: { protocol: "http", hostname: "proxy.example", port: 80, name: "http://proxy.example:80" },
    },
    {
      url: "HTTPS://Proxy:8443/ignored?too",
      expected: { protocol: "https", hostname: "proxy", port: 8443, name: "https://proxy:8443" },
    },
    { url: "https://proxy", expected: { port: 443 } },
    { url: "socks5://proxy", expected: { protocol: "socks5", port: 1080 } },
    { url: "socks5h://proxy:1", expected: { protocol: "socks5", name: "socks5://proxy:1" } },
    { url: "http://[::1]:8080", expected: { hostname: "::1", name: "http://[::1]:8080" } },
    {
      url: "http://me:p%40%C3%A9@proxy",
      expected: { name: "http://proxy:80", login: { username: "me", password: "p@é" } },
    },
    { url: "http://me@proxy", expected: { login: { username: "me", password: "" } } },
  ]) {
    it(`reads ${url}`, () => {
      expect(parseProxy(url)).toMatchObject(expected);
    });
  }

  it("finds no login where there is none", () => {
    expect(parseProxy("http://proxy")).not.toHaveProperty("login");
  });

  const long = "a".repeat(256);
  for (const { url, says } of [
    { url: "", says: "must be an http, https or socks5 URL" },
    { url: "proxy:3128", says: "must be" },
    { url: "ftp://proxy", says: "must be" },
    { url: "socks4://proxy", says: "must be" },
    { url: "socks5:///path", says: "must be" },
    { url: "http://me:%zz@proxy", says: "not percent-encoded" },
    { url: `socks5://me:${long}@proxy`, says: "more than 255 bytes" },
    { url: `socks5://${long}@proxy`, says: "more than 255 bytes" },
  ]) {
    it(`refuses ${url.slice(0, 30)}`, () => {
      expect(parseProxy(url)).toEqual({ problem: expect.stringContaining(says) });
    });
  }

  it("takes a long password over HTTP", () => {
    expect(parseProxy(`http://me:${long}@proxy`)).toHaveProperty("login.password", long);
  });
});

describe("authority", () => {
  for (const [hostname, expected] of [
    ["a.example", "a.example:1"],
    ["127.0.0.1", "127.0.0.1:1"],
    ["::1", "[::1]:1"],
  ] as const) {
    it(`writes ${hostname} as ${expected}`, () => {
      expect(authority({ hostname, port: 1 })).toBe(expected);
    });
  }
});
