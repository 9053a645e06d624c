import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { certificateAuthority, type KeyPair } from "../../fixtures/certificates.ts";
import type { ControlPlane } from "../../fixtures/control_plane.ts";
import { kubeconfigOf } from "../../fixtures/kubeconfig_of.ts";
import type { ConnectWorld } from "./connect_world.ts";
import { canBePod, SERVICE_ACCOUNT } from "./in_pod.ts";

/** A kubeconfig to connect with, and what must come of it. Programs inside the runtimes are given it as JSON. */
export interface ConnectCase {
  /** As in tables. */
  readonly name: string;
  /** Without it connect() looks for what the machine has: a pod's service account. */
  readonly kubeconfigText?: string;
  /** Variables of the environment, which are there for this case only. */
  readonly env?: Readonly<Record<string, string>>;
  /** Texts by the paths of their files: written one lot after another, and after each the API server is asked. */
  readonly files?: readonly Readonly<Record<string, string>>[];
  /** Whether a stream is open meanwhile, which must go on. */
  readonly stream?: boolean;
  /** Who the API server takes it for, or the status or the error in place of that. */
  readonly expected: string;
}

/** A host that has no address. */
export const PROXIED_HOST = "kubernetes.invalid";
const EXEC_PLUGIN = fileURLToPath(new URL("../../fixtures/exec_plugin.mjs", import.meta.url));
const EXEC_API = "client.authentication.k8s.io/v1";
const CA = "certificate-authority-data";
const NO_CA = { [CA]: undefined };

/** The cluster's and the admin's fields of a kubeconfig. */
export function adminFields({ server, ca, admin }: ControlPlane): { cluster: object; user: object } {
  return {
    cluster: { server, [CA]: btoa(ca) },
    user: { "client-certificate-data": btoa(admin.cert), "client-key-data": btoa(admin.key) },
  };
}

/** Every way to know the server and to log in that may depend on the runtime. */
export async function connectCases(world: ConnectWorld): Promise<readonly ConnectCase[]> {
  return [
    ...(await loginCases(world)),
    ...(canBePod ? [podCase(world)] : []),
    ...(await serverCases(world)),
    ...proxyCases(world),
  ];
}

async function loginCases({ controlPlane, tokenUser, folder }: ConnectWorld): Promise<ConnectCase[]> {
  const { cluster, user } = adminFields(controlPlane);
  const stranger = await certificateAuthority("stranger");
  const token = controlPlane.token(tokenUser);
  const file = (name: string) => join(folder, name);
  const tokenFile = (token: string) => ({ [file("token")]: token });
  const pair = ({ cert, key }: KeyPair) => ({ [file("tls.crt")]: cert, [file("tls.key")]: key });
  const pluginFile = (status: object) => ({
    [file("answer")]: JSON.stringify({ apiVersion: EXEC_API, kind: "ExecCredential", status }),
  });
  const exec = {
    apiVersion: EXEC_API,
    command: process.execPath,
    args: [EXEC_PLUGIN, folder],
    interactiveMode: "Never",
  };
  /** The plugin's answer, which is to be asked for again at once. */
  async function certificateOf(commonName: string): Promise<Readonly<Record<string, string>>> {
    const subject = { commonName, organizations: ["system:masters"] };
    const { cert, key } = await controlPlane.clientCertificate(subject);
    const expirationTimestamp = new Date(0).toJSON();
    return pluginFile({ clientCertificateData: cert, clientKeyData: key, expirationTimestamp });
  }
  function withUser(fields: object, expected: string): Pick<ConnectCase, "kubeconfigText" | "expected"> {
    return { kubeconfigText: kubeconfigOf(cluster, fields), expected };
  }
  return [
    { name: "CA and client certificate", ...withUser(user, "admin") },
    {
      name: "client certificate, renewed in its files",
      ...withUser({ "client-certificate": file("tls.crt"), "client-key": file("tls.key") }, "401, carol"),
      files: [
        pair(await stranger.client({ commonName: "carol" })),
        pair(await controlPlane.clientCertificate({ commonName: "carol" })),
      ],
    },
    { name: "token", ...withUser({ token }, tokenUser) },
    { name: "token that nobody has", ...withUser({ token: "nobody's" }, "401") },
    {
      name: "token, renewed in its file",
      ...withUser({ tokenFile: file("token") }, `401, ${tokenUser}`),
      files: [tokenFile("nobody's"), tokenFile(token)],
    },
    {
      name: "exec plugin with a token",
      ...withUser({ exec }, tokenUser),
      files: [pluginFile({ token })],
    },
    {
      name: "exec plugin, other certificate while a stream is open",
      ...withUser({ exec }, "one, two, the stream goes on"),
      files: [await certificateOf("one"), await certificateOf("two")],
      stream: true,
    },
    {
      name: "impersonation with two groups",
      ...withUser({ ...user, as: "jane", "as-groups": ["a", "b"] }, "jane of a, b"),
    },
  ];
}

/** Its first token is one that nobody has. */
function podCase({ controlPlane, tokenUser }: ConnectWorld): ConnectCase {
  const { hostname, port } = new URL(controlPlane.server);
  return {
    name: "service account of a pod, its token renewed",
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    files: [{}, { [`${SERVICE_ACCOUNT}/token`]: controlPlane.token(tokenUser) }],
    expected: `401, ${tokenUser}`,
  };
}

async function serverCases({ controlPlane }: ConnectWorld): Promise<ConnectCase[]> {
  const { cluster, user } = adminFields(controlPlane);
  const stranger = await certificateAuthority("stranger");
  function withCluster(fields: object, expected: string): Pick<ConnectCase, "kubeconfigText" | "expected"> {
    return { kubeconfigText: kubeconfigOf({ ...cluster, ...fields }, user), expected };
  }
  return [
    { name: "CA of another cluster", ...withCluster({ [CA]: btoa(stranger.cert) }, "TRANSPORT_ERROR") },
    { name: "no CA", ...withCluster(NO_CA, "TRANSPORT_ERROR") },
    {
      name: "CA that cannot be read",
      ...withCluster({ [CA]: btoa("none") }, `INVALID_INPUT clusters[0].cluster.${CA}`),
    },
    { name: "server name", ...withCluster({ "tls-server-name": "localhost" }, "admin") },
    {
      name: "server name that the server does not have",
      ...withCluster({ "tls-server-name": "elsewhere.example" }, "TRANSPORT_ERROR"),
    },
    {
      name: "server that is not checked",
      ...withCluster({ ...NO_CA, "insecure-skip-tls-verify": true }, "admin"),
    },
    {
      name: "client certificate over http",
      ...withCluster(
        { ...NO_CA, server: "http://elsewhere.example" },
        "INVALID_INPUT clusters[0].cluster.server",
      ),
    },
  ];
}

/** A server whose name the proxies alone know goes through one, or is not reached. */
function proxyCases({ controlPlane, proxies }: ConnectWorld): ConnectCase[] {
  const { cluster, user } = adminFields(controlPlane);
  const http = proxies.http.url.replace("//", "//me:secret@");
  const server = `https://${PROXIED_HOST}:${new URL(controlPlane.server).port}`;
  const elsewhere = kubeconfigOf({ ...cluster, server, "tls-server-name": "localhost" }, user);
  function by(proxy: string): string {
    return kubeconfigOf({ ...cluster, "proxy-url": proxy }, user);
  }
  return [
    { name: "HTTP proxy with a password", kubeconfigText: by(http), expected: "admin" },
    { name: "SOCKS5 proxy", kubeconfigText: by(proxies.socks.url), expected: "admin" },
    {
      name: "HTTPS_PROXY",
      kubeconfigText: elsewhere,
      env: { HTTPS_PROXY: http },
      expected: "admin",
    },
    {
      name: "HTTPS_PROXY, and NO_PROXY with the server",
      kubeconfigText: elsewhere,
      env: { HTTPS_PROXY: http, NO_PROXY: PROXIED_HOST },
      expected: "TRANSPORT_ERROR",
    },
    {
      name: "HTTPS_PROXY that nobody serves, server on this machine",
      kubeconfigText: kubeconfigOf(cluster, user),
      env: { HTTPS_PROXY: "http://127.0.0.1:1" },
      expected: "admin",
    },
  ];
}
