import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import type { Transport } from "../../../lib/protocol/transport.ts";
import type { ClientCertificate, Connection } from "../../../runtime/connection.ts";
import { thisHost } from "../../../runtime/host.ts";
import { type FetchTls, isBeyondFetch, overFetch } from "../../../runtime/over_fetch.ts";
import { certificateAuthority } from "../../fixtures/certificates.ts";
import { thisRuntime } from "../../fixtures/this_runtime.ts";
import { readAll, rejection, thrown } from "../../fixtures/transport_contract/observe.ts";

const CONNECTION: Connection = { server: "https://10.0.0.1:6443", namespace: "default", tls: {} };
const ONE: ClientCertificate = { cert: "one", key: "key of one" };
const TWO: ClientCertificate = { cert: "two", key: "key of two" };

/** A transport whose fetch answers at once, and what became of each that was made. */
function made(connection: Partial<Connection> = {}) {
  const log: string[] = [];
  const seen: FetchTls[] = [];
  const transport = overFetch({ ...CONNECTION, ...connection }, (tls) => {
    seen.push(tls);
    const name = tls.cert ?? "nobody";
    log.push(`make ${name}`);
    return {
      fetch: async () => {
        log.push(`fetch ${name}`);
        return new Response("ok");
      },
      close: () => log.push(`close ${name}`),
    };
  });
  return { transport, log, seen };
}

async function ask(transport: Transport): Promise<void> {
  const { body } = await transport.request({ method: "GET", path: "/a" });
  expect(await readAll(body)).toBe("ok");
}

describe("overFetch", () => {
  it("makes one fetch, with the first request, and closes it with the transport", async () => {
    const { transport, log, seen } = made({ tls: { serverName: "kubernetes" } });
    expect(log).toEqual([]);
    await ask(transport);
    await ask(transport);
    await transport.close();
    expect(log).toEqual(["make nobody", "fetch nobody", "fetch nobody", "close nobody"]);
    expect(seen).toEqual([{ serverName: "kubernetes" }]);
  });

  it("lets as many streams be open as the runtime has room for", () => {
    expect(made().transport.limits?.streams).toBe(thisRuntime === "bun" ? 240 : undefined);
  });

  it("makes another when the certificate is another, and closes the one before", async () => {
    let certificate: ClientCertificate | undefined = ONE;
    const { transport, log } = made({ clientCertificate: async () => certificate });
    await ask(transport);
    await ask(transport);
    certificate = TWO;
    await ask(transport);
    certificate = undefined;
    await ask(transport);
    await transport.close();
    expect(log).toEqual([
      ...["make one", "fetch one", "fetch one"],
      ...["make two", "close one", "fetch two"],
      ...["make nobody", "close two", "fetch nobody", "close nobody"],
    ]);
  });

  it("makes none for a request that is given up while its certificate is awaited", async () => {
    let give: (certificate: ClientCertificate) => void = () => {};
    const given = new Promise<ClientCertificate>((resolve) => {
      give = resolve;
    });
    let ask: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const { transport, log } = made({
      clientCertificate() {
        ask();
        return given;
      },
    });
    const answer = transport.request({ method: "GET", path: "/a" });
    await asked;
    const [error] = await Promise.all([rejection(answer), transport.close()]);
    expect(error.message).toContain("the transport is closed");
    give(ONE);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual([]);
  });

  it("fails a request with what the certificate fails with", async () => {
    const cause = new Error("no file");
    const { transport, log } = made({ clientCertificate: () => Promise.reject(cause) });
    const error = await rejection(transport.request({ method: "GET", path: "/a" }));
    expect(error.cause).toBe(cause);
    expect(log).toEqual([]);
  });

  it("refuses what it would pass over or could not send", async () => {
    const { cert } = await certificateAuthority("ca");
    for (const [tls, field] of [
      [{ ca: "SECRET" }, "tls.ca"],
      [{ ca: cert, insecureSkipVerify: true }, "tls.insecureSkipVerify"],
    ] as const) {
      const error = thrown(() => made({ tls })) as InvalidInputError;
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(error.field).toBe(field);
      expect(error.message).not.toContain("SECRET");
    }
    const { transport, log } = made({ credentials: { headers: async () => ({ "x-group": ["a", "b"] }) } });
    const error = (await rejection(ask(transport))) as InvalidInputError;
    expect(error.field).toBe("headers.x-group");
    expect(log).toEqual([]);
  });
});

describe("isBeyondFetch", () => {
  for (const { name, connection = {}, env = {}, beyond } of [
    { name: "what is plain", beyond: false },
    { name: "a proxy", connection: { proxy: "http://proxy.example" }, beyond: true },
    { name: "headers that repeat", connection: { repeatsHeaders: true }, beyond: true },
    { name: "headers that do not", connection: { repeatsHeaders: false }, beyond: false },
    { name: "a proxy in the environment", env: { HTTPS_PROXY: "http://proxy.example" }, beyond: true },
    { name: "one in lower case", env: { all_proxy: "http://proxy.example" }, beyond: true },
    { name: "one that is empty", env: { HTTP_PROXY: "" }, beyond: false },
    { name: "only what needs none", env: { NO_PROXY: "*" }, beyond: false },
  ] as const) {
    it(`is ${beyond} for ${name}`, () => {
      expect(isBeyondFetch({ ...CONNECTION, ...connection }, { ...thisHost(), env })).toBe(beyond);
    });
  }
});
