import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import { bearerToken, renewedTokenCredentials } from "./bearer_token.ts";
import type { Connection } from "./connection.ts";
import type { Host } from "./host.ts";

/** Where Kubernetes mounts the service account of a pod. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The connection of a pod's service account; undefined outside a cluster, where the environment names no server.
 *
 * @throws {InvalidInputError} when the service account's files are not there
 */
export async function inClusterConnection({
  env,
  readFile,
  clock,
}: Pick<Host, "env" | "readFile" | "clock">): Promise<Connection | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) return undefined;

  async function read(file: "ca.crt" | "token"): Promise<string> {
    const path = `${SERVICE_ACCOUNT}/${file}`;
    try {
      return await readFile(path);
    } catch (cause) {
      throw new InvalidInputError(path, `Cannot connect from inside the cluster: ${path} cannot be read`, {
        cause,
      });
    }
  }

  async function readToken(): Promise<string> {
    const token = bearerToken(await read("token"));
    if (token !== undefined) return token;
    const path = `${SERVICE_ACCOUNT}/token`;
    throw new InvalidInputError(path, `Cannot connect from inside the cluster: ${path} holds no token`);
  }

  const [ca, namespace, credentials] = await Promise.all([
    read("ca.crt"),
    readFile(`${SERVICE_ACCOUNT}/namespace`).catch(() => ""),
    renewedTokenCredentials(readToken, clock),
  ]);
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim() || "default",
    tls: { ca },
    credentials,
  };
}
