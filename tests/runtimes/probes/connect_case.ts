import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { certificateAuthority, type KeyPair } from "../../fixtures/certificates.ts";
import type { ControlPlane } from "../../fixtures/control_plane.ts";
import { kubeconfigOf } from "../../fixtures/kubeconfig_of.ts";
import type { ConnectWorld } from "./connect_world.ts";

/** A kubeconfig to connect with, and what must come of it. Programs inside the runtimes are given it as JSON. */
export interface ConnectCase {
  /** As in tables. */
  readonly name: string;
  readonly kubeconfigText: string;
  /** Texts by the paths of their files: written one lot after another, and after each the API server is asked. */
  readonly files?: readonly Readonly<Record<string, string>>[];
  /** Whether a stream is open meanwhile, which must go on. */
  readonly stream?: boolean;
  /** Who the API server takes it for, or the status or the error in place of that. */
  readonly expected: string;
}

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
  return [...(await loginCases(world)), ...(await serverCases(world))];
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

async function serverCases({ controlPlane, proxies }: ConnectWorld): Promise<ConnectCase[]> {
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
      name: "HTTP proxy with a password",
      ...withCluster({ "proxy-url": proxies.http.url.replace("//", "//me:secret@") }, "admin"),
    },
    { name: "SOCKS5 proxy", ...withCluster({ "proxy-url": proxies.socks.url }, "admin") },
    {
      name: "client certificate over http",
      ...withCluster(
        { ...NO_CA, server: "http://elsewhere.example" },
        "INVALID_INPUT clusters[0].cluster.server",
      ),
    },
  ];
}
