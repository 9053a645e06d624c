import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { expect } from "@std/expect";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { TransportError } from "../../../lib/kubernetes/errors.ts";
import type { Transport } from "../../../lib/protocol/transport.ts";
import { type ConnectOptions, connect } from "../../../runtime/node.ts";
import { certificateAuthority } from "../../fixtures/certificates.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { invalidInput } from "./kubeconfig_case.ts";

/** Answers with what it saw of the one who asks. */
const mirror: RequestListener = (request, response) => {
  const socket = request.socket as Partial<TLSSocket>;
  const subject = socket.getPeerCertificate?.().subject?.CN;
  const { "impersonate-user": user, "impersonate-group": groups } = request.headersDistinct;
  const impersonated = user && groups && [...user, ...groups];
  const { authorization } = request.headers;
  response.end(JSON.stringify({ url: request.url, authorization, subject, impersonated }));
};

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function seen(
  transport: Transport,
): Promise<{ url: string; authorization?: string; subject?: string; impersonated?: string[] }> {
  const { body } = await transport.request({ method: "GET", path: "/version" });
  let text = "";
  for await (const chunk of body) text += new TextDecoder().decode(chunk);
  return JSON.parse(text);
}

function kubeconfig({ cluster, user = {} }: { cluster: object; user?: object }): string {
  return JSON.stringify({
    "current-context": "main",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [
      { name: "main", context: { cluster: "c", user: "u" } },
      { name: "other", context: { cluster: "c", namespace: "team" } },
    ],
  });
}

describe("connect", () => {
  const environment = [
    "KUBECONFIG",
    "HOME",
    "USERPROFILE",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "HTTPS_PROXY",
  ];
  const before = Object.fromEntries(environment.map((name) => [name, process.env[name]]));
  const transports: Transport[] = [];
  let folder: string;
  let http: Server;
  let address: string;

  async function connected(options?: ConnectOptions) {
    const connection = await connect(options);
    transports.push(connection.transport);
    return connection;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "connect-"));
    await mkdir(join(folder, ".kube"));
    http = createHttpServer(mirror);
    address = await listen(http);
  });
  beforeEach(() => {
    for (const name of environment) delete process.env[name];
    process.env.HOME = process.env.USERPROFILE = folder;
  });
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
    await rm(join(folder, ".kube", "config"), { force: true });
  });
  afterAll(async () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    http.close();
    await rm(folder, { recursive: true });
  });

  it("sends the token of a text to its server, under the server's own path", async () => {
    const server = `http://${address}/prefix`;
    const kubeconfigText = kubeconfig({ cluster: { server }, user: { token: "t" } });
    const connection = await connected({ kubeconfigText });
    expect(connection).toMatchObject({ namespace: "default", server });
    expect(await seen(connection.transport)).toEqual({ url: "/prefix/version", authorization: "Bearer t" });
  });

  it("sends user and password, and whom to be", async () => {
    const user = { username: "me", password: "pw", as: "jane", "as-groups": ["a", "b"] };
    const { transport } = await connected({
      kubeconfigText: kubeconfig({ cluster: { server: `http://${address}` }, user }),
    });
    expect(await seen(transport)).toEqual({
      url: "/version",
      authorization: `Basic ${btoa("me:pw")}`,
      impersonated: ["jane", "a", "b"],
    });
  });

  it("takes the context that is asked for", async () => {
    const kubeconfigText = kubeconfig({ cluster: { server: `http://${address}` }, user: { token: "t" } });
    const { transport, namespace } = await connected({ kubeconfigText, context: "other" });
    expect(namespace).toBe("team");
    expect(await seen(transport)).toEqual({ url: "/version" });
  });

  itUnless({ bun: "its home folder is the one of its start" })(
    "takes the files that KUBECONFIG lists, else ~/.kube/config",
    async () => {
      const home = join(folder, ".kube", "config");
      await writeFile(home, kubeconfig({ cluster: { server: `http://${address}/home` } }));
      await writeFile(
        join(folder, "listed"),
        kubeconfig({ cluster: { server: `http://${address}/listed` } }),
      );
      expect((await connected()).server).toBe(`http://${address}/home`);
      process.env.KUBECONFIG = join(folder, "listed");
      expect((await connected()).server).toBe(`http://${address}/listed`);
      expect((await connected({ kubeconfig: home })).server).toBe(`http://${address}/home`);
    },
  );

  itUnless({ bun: "its TLS server does not show the certificate of a client" })(
    "logs in with a client certificate from files beside the kubeconfig",
    async () => {
      const authority = await certificateAuthority("test");
      const client = await authority.client({ commonName: "jane" });
      const https = createHttpsServer(
        { ...(await authority.server()), ca: authority.cert, requestCert: true, rejectUnauthorized: false },
        mirror,
      );
      const server = `https://${await listen(https)}`;
      const files = {
        "certificate-authority": "ca.crt",
        "client-certificate": "tls.crt",
        "client-key": "tls.key",
      };
      await writeFile(join(folder, "ca.crt"), authority.cert);
      await writeFile(join(folder, "tls.crt"), client.cert);
      await writeFile(join(folder, "tls.key"), client.key);
      await writeFile(join(folder, "secure"), kubeconfig({ cluster: { server, ...files }, user: files }));
      const kubeconfigText = kubeconfig({ cluster: { server } });
      try {
        const trusting = await connected({ kubeconfig: join(folder, "secure") });
        expect(await seen(trusting.transport)).toEqual({ url: "/version", subject: "jane" });
        const stranger = await connected({ kubeconfigText });
        await expect(seen(stranger.transport)).rejects.toThrow(TransportError);
        const insecure = kubeconfig({ cluster: { server, "insecure-skip-tls-verify": true } });
        expect(await seen((await connected({ kubeconfigText: insecure })).transport)).toEqual({
          url: "/version",
        });
      } finally {
        await Promise.all(transports.splice(0).map((transport) => transport.close()));
        https.close();
      }
    },
  );

  it("shows no secret when its result is inspected", async () => {
    for (const user of [{ token: "s3cr3t" }, { username: "me", password: "s3cr3t" }]) {
      const connection = await connected({
        kubeconfigText: kubeconfig({ cluster: { server: `http://${address}` }, user }),
      });
      const shown = inspect(connection, { depth: 20, showHidden: true });
      expect(shown).not.toContain("s3cr3t");
      expect(shown).not.toContain(btoa("me:s3cr3t"));
    }
  });

  itUnless({ deno: "its TLS reads a PEM only when it connects" })(
    "names the field whose PEM cannot be read",
    async () => {
      const authority = await certificateAuthority("test");
      const [mine, other] = await Promise.all(
        ["a", "b"].map((commonName) => authority.client({ commonName })),
      );
      const garbage = btoa("-----BEGIN CERTIFICATE-----\ns3cr3t\n-----END CERTIFICATE-----\n");
      const file = join(folder, "garbage.crt");
      await writeFile(file, atob(garbage));
      const cert = { "client-certificate-data": btoa(mine!.cert) };
      const key = { "client-key-data": btoa(mine!.key) };
      for (const { cluster, user, field } of [
        {
          cluster: { "certificate-authority-data": garbage },
          field: "clusters[0].cluster.certificate-authority-data",
        },
        { cluster: { "certificate-authority": file }, field: "clusters[0].cluster.certificate-authority" },
        { user: { "client-certificate": file, ...key }, field: "users[0].user.client-certificate" },
        { user: { ...cert, "client-key-data": btoa(other!.key) }, field: "users[0].user.client-key-data" },
      ]) {
        const text = kubeconfig({ cluster: { server: "https://127.0.0.1:1", ...cluster }, user: user ?? {} });
        const error = await invalidInput(() => connect({ kubeconfigText: text }));
        expect(error.field).toBe(field);
        expect(error.message).toContain(
          `Cannot use kubeconfig text: ${field.includes("users") ? "users[0]" : "clusters[0]"}`,
        );
        expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("s3cr3t");
      }
    },
  );

  for (const field of ["kubeconfig", "kubeconfigText", "context"]) {
    it(`refuses a ${field} that is no string`, async () => {
      for (const value of [5, null, {}]) {
        expect((await invalidInput(() => connect({ [field]: value }))).field).toBe(field);
      }
    });
  }

  it("refuses what is no option, and does not take the default cluster instead", async () => {
    await writeFile(
      join(folder, ".kube", "config"),
      kubeconfig({ cluster: { server: `http://${address}` } }),
    );
    for (const [options, field] of [
      ["/etc/kubeconfig", "options"],
      [null, "options"],
      [["/etc/kubeconfig"], "options"],
      [{ kubeConfig: "/etc/kubeconfig" }, "kubeConfig"],
      [{ path: "/etc/kubeconfig" }, "path"],
    ] as const) {
      const error = await invalidInput(() => connected(options as ConnectOptions));
      expect(error.field).toBe(field);
      expect(error.message).toContain("context, kubeconfig, kubeconfigText");
    }
  });

  it("says what to do where there is nothing to connect with", async () => {
    for (const options of [undefined, {}, { context: "main" }]) {
      const error = await invalidInput(() => connect(options));
      expect(error.message).toContain("pass kubeconfig or set KUBECONFIG");
    }
  });

  it("takes the service account of a pod, whose files are not here", async () => {
    process.env.KUBERNETES_SERVICE_HOST = "127.0.0.1";
    process.env.KUBERNETES_SERVICE_PORT = "1";
    const error = await invalidInput(() => connect());
    expect(error.field).toContain("/serviceaccount/");
    expect((await invalidInput(() => connect({ context: "main" }))).field).toBe("kubeconfig");
  });
});
