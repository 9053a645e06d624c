import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@std/expect";
import { afterAll, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { certificateAuthority } from "../fixtures/certificates.ts";
import { until } from "../fixtures/control_plane.ts";
import { credentialsWorld, whoAmI } from "../fixtures/credentials_world.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { rejection } from "../fixtures/transport_contract/observe.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

describeReal("id-tokens on the API server", () => {
  let issuer: Issuer;
  let folder: string;
  const world = credentialsWorld(async () => {
    issuer = await startIssuer();
    folder = await mkdtemp(join(tmpdir(), "issuer-"));
    await writeFile(join(folder, "ca.pem"), issuer.ca);
    return {
      apiServerFlags: [
        `--oidc-issuer-url=${issuer.url}`,
        `--oidc-ca-file=${join(folder, "ca.pem")}`,
        "--oidc-client-id=tests",
        "--oidc-username-claim=name",
        "--oidc-username-prefix=-",
        "--oidc-signing-algs=ES256",
      ],
    };
  });
  afterAll(async () => {
    issuer?.server.close();
    if (folder) await rm(folder, { recursive: true });
  });

  const user = (token: string) => ({
    "auth-provider": { name: "oidc", config: { "id-token": token, "client-id": "tests" } },
  });

  it("stand for their user until they expire", async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const token = await issuer.token({ name: "jane", exp: seconds + 600 });
    await until(
      async () => (await world.controlPlane.request("GET", "/api", { user: { token } })).status === 200,
      { what: "the API server to know the issuer" },
    );
    let now = Date.now();
    const transport = await world.connect({ user: user(token), host: { wallTime: () => now } });
    expect(await whoAmI(transport)).toMatchObject({ username: "jane" });
    now += 600_000;
    const error = await rejection(whoAmI(transport));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toContain("user.auth-provider.config.id-token has expired");

    const old = await issuer.token({ name: "jane", exp: seconds - 600 });
    const slowClock = await world.connect({ user: user(old), host: { wallTime: () => 0 } });
    expect(await whoAmI(slowClock)).toBe(401);
  });
});

interface Issuer {
  readonly url: string;
  readonly ca: string;
  readonly server: Server;
  token(claims: { name: string; exp: number }): Promise<string>;
}

/** An OpenID provider of which the API server needs no more than the keys. */
async function startIssuer(): Promise<Issuer> {
  const authority = await certificateAuthority("issuer");
  const { publicKey, privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", publicKey);
  const server = createServer(await authority.server(), (request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify(
        request.url === "/keys"
          ? { keys: [{ ...jwk, kid: "one", alg: "ES256", use: "sig" }] }
          : { issuer: url, jwks_uri: `${url}/keys`, id_token_signing_alg_values_supported: ["ES256"] },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    ca: authority.cert,
    server,
    async token(claims) {
      const signed = [
        { alg: "ES256", kid: "one", typ: "JWT" },
        { iss: url, aud: "tests", sub: claims.name, iat: claims.exp - 3600, ...claims },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      const signature = await crypto.subtle.sign(ALGORITHM, privateKey, new TextEncoder().encode(signed));
      return `${signed}.${Buffer.from(signature).toString("base64url")}`;
    },
  };
}
