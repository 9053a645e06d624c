import * as v from "valibot";
import { TransportError } from "../lib/kubernetes/errors.ts";
import type { Login } from "./connection.ts";
import {
  type ExecCluster,
  type ExecCredential,
  type ExecPlugin,
  ExecProblem,
  runExecPlugin,
} from "./exec_plugin.ts";
import { ExecRuns } from "./exec_runs.ts";
import type { Host } from "./host.ts";
import { type Entry, entryError, entryMessage, parseField } from "./kubeconfig_entry.ts";
import { flag, listOf, mustBeMap, requiredText, text, type UserFields } from "./kubeconfig_schema.ts";

const V1 = "client.authentication.k8s.io/v1";
const V1_BETA_1 = "client.authentication.k8s.io/v1beta1";

const schema = v.object(
  {
    apiVersion: v.pipe(
      v.nullish(v.string("must be a string"), ""),
      v.picklist([V1, V1_BETA_1], `must be ${V1} or ${V1_BETA_1}`),
    ),
    command: requiredText,
    args: listOf(v.string("must be a string")),
    env: listOf(
      v.object({ name: requiredText, value: v.nullish(v.string("must be a string"), "") }, mustBeMap),
    ),
    installHint: text,
    provideClusterInfo: flag,
    interactiveMode: v.nullish(
      v.picklist(["", "Never", "IfAvailable", "Always"], "must be Never, IfAvailable or Always"),
      "",
    ),
  },
  mustBeMap,
);

/**
 * The plugin that `exec` of a user entry names. It runs without stdin: nobody is there to answer its questions.
 *
 * @param cluster what it is told of the cluster, where it asks for that
 * @throws {InvalidInputError} that names the field at fault
 */
export function readExecPlugin(entry: Entry<UserFields>, cluster: () => ExecCluster): ExecPlugin {
  const { provideClusterInfo, interactiveMode, command, ...plugin } = parseField(entry, {
    field: "exec",
    schema,
  });
  if (interactiveMode === "Always") {
    throw entryError(entry, {
      field: "exec.interactiveMode",
      problem:
        "is Always, but a plugin has no terminal here; take one that is content with IfAvailable or Never",
    });
  }
  if (interactiveMode === "" && plugin.apiVersion === V1) {
    throw entryError(entry, { field: "exec.interactiveMode", problem: `is missing, which ${V1} requires` });
  }
  return {
    ...plugin,
    // A bare name is looked up in PATH; a path is relative to the kubeconfig.
    command: /[\\/]/.test(command) ? entry.source.resolvePath(command) : command,
    ...(provideClusterInfo && { cluster: cluster() }),
  };
}

/** The login of an exec plugin. What it gave is used until it expires or is rejected; then one run serves all requests. */
export function execLogin(
  entry: Entry<UserFields>,
  { plugin, host }: { plugin: ExecPlugin; host: Host },
): Login {
  const runs = new ExecRuns(async (signal) => {
    try {
      return await runExecPlugin(plugin, { host, signal });
    } catch (error) {
      throw error instanceof ExecProblem ? pluginError(error, { entry, plugin }) : error;
    }
  });
  /** What was handed out last. A run may have given another since, while nobody waited. */
  let shown: ExecCredential | undefined;
  let refused: ExecCredential | undefined;

  function isGood(credential: ExecCredential): boolean {
    return credential !== refused && host.wallTime() <= (credential.expiresAt ?? Number.POSITIVE_INFINITY);
  }

  return {
    credentials: {
      async headers({ rejected, signal }) {
        const { last } = runs;
        if (rejected) refused = shown;
        shown = last && isGood(last) ? last : await runs.next(signal);
        return shown.headers;
      },
      close: () => runs.close(),
    },
    clientCertificate: async () => shown?.clientCertificate,
  };
}

/** A plugin that is not there is a mistake in the kubeconfig; whatever else goes wrong may pass. */
function pluginError(
  { message: problem, missing }: ExecProblem,
  { entry, plugin: { installHint } }: { entry: Entry<UserFields>; plugin: ExecPlugin },
): Error {
  if (!missing) return new TransportError(entryMessage(entry, { field: "exec", problem }));
  const hint = installHint
    ? `; its installHint says: ${printable(installHint)}`
    : "; install it or change PATH";
  return entryError(entry, { field: "exec.command", problem: problem + hint });
}

/** One line, without what could steer a terminal. */
function printable(hint: string): string {
  return hint.trim().replace(/\p{C}+/gu, " ");
}
