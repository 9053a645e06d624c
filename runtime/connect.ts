import * as v from "valibot";
import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { Transport } from "../lib/protocol/transport.ts";
import { optionsSchema, validate } from "../transports/http/options.ts";
import type { Connection } from "./connection.ts";
import type { Host } from "./host.ts";
import { type Impersonation, impersonatedText, impersonating } from "./impersonation.ts";
import { inClusterConnection } from "./in_cluster.ts";
import { kubeconfigConnection } from "./kubeconfig_connection.ts";
import { type KubeconfigChoice, loadKubeconfig } from "./kubeconfig_files.ts";
import { environmentProxy } from "./proxy_environment.ts";

/** Which cluster to connect to, and as whom. */
export interface ConnectOptions extends KubeconfigChoice {
  /** The context to use in place of the kubeconfig's current-context. */
  readonly context?: string | undefined;
  /** Whether a kubeconfig may have a command run (`user.exec`). Default true; false for those of unknown origin. */
  readonly exec?: boolean | undefined;
  /** Whom to be in place of oneself, before what the kubeconfig says. */
  readonly impersonate?: Impersonation | undefined;
}

/** A cluster to work with. Nothing has been requested of it yet. */
export interface Connected {
  /** Close it when you are done. */
  readonly transport: Transport;
  /** The context's namespace, or a pod's own; "default" where none is said. */
  readonly namespace: string;
  /** The API server's URL. */
  readonly server: string;
}

// An empty one comes of a variable that is not set, and would mean another cluster.
const text = v.optional(
  v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty; leave it out for the default")),
);
const texts = v.optional(v.array(impersonatedText, "must be a list of strings"));
const entries = {
  context: text,
  kubeconfig: text,
  kubeconfigText: text,
  exec: v.optional(v.boolean("must be true or false")),
  impersonate: v.optional(
    optionsSchema({
      user: impersonatedText,
      uid: v.optional(impersonatedText),
      groups: texts,
      extra: v.optional(
        v.record(v.string(), v.array(impersonatedText, "must be a list of strings"), "must be an object"),
      ),
    }),
  ),
};
const schema = optionsSchema(entries);

/**
 * Makes a transport to the API server that the options and the host describe: what all runtimes have in common of
 * connect().
 *
 * @param makeTransport the runtime's own; its refusal of a CA is told as the kubeconfig's
 * @throws {InvalidInputError} whose `field` is the one at fault; no error quotes a secret
 */
export async function connectBy(
  makeTransport: (connection: Connection) => Transport | Promise<Transport>,
  { options, host }: { options: ConnectOptions; host: Host },
): Promise<Connected> {
  const connection = await findConnection(checkedOptions(options), host);
  const proxy = connection.proxy ?? environmentProxy(connection.server, host.env);
  try {
    return {
      transport: await makeTransport({ ...connection, proxy }),
      namespace: connection.namespace,
      server: connection.server,
    };
  } catch (error) {
    throw connection.explain?.(error) ?? error;
  }
}

/** Refuses what it does not know: a misspelt option would go unseen, and the default cluster be taken. */
function checkedOptions(options: ConnectOptions): ConnectOptions {
  if (typeof options === "object" && options !== null && !Array.isArray(options))
    return validate(schema, options);
  const names = Object.keys(entries).join(", ");
  throw new InvalidInputError("options", `Cannot connect: the options must be an object of ${names}`);
}

async function findConnection(
  { context, exec = true, impersonate, ...choice }: ConnectOptions,
  host: Host,
): Promise<Connection> {
  const config = await loadKubeconfig(choice, host);
  if (config) return kubeconfigConnection(config, { context, exec, impersonate, host });
  const inCluster = context === undefined ? await inClusterConnection(host) : undefined;
  if (inCluster) return impersonate ? { ...inCluster, ...impersonating(inCluster, impersonate) } : inCluster;
  throw new InvalidInputError(
    "kubeconfig",
    "Cannot connect: there is no ~/.kube/config; pass kubeconfig or set KUBECONFIG",
  );
}
