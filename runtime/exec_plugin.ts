import * as v from "valibot";
import type { TransportHeaders } from "../lib/protocol/transport.ts";
import { linkedController } from "../lib/support/abort.ts";
import { bearerHeader, bearerToken } from "./bearer_token.ts";
import type { ClientCertificate } from "./connection.ts";
import { errorCode } from "./error_code.ts";
import type { Host } from "./host.ts";
import { problemOfKeyPair } from "./key_pair.ts";

/** How long a plugin may run: nobody can answer its questions, so it waits for machines only. */
const LONGEST_RUN_MS = 60_000;

/** The cluster as a plugin is told of it. */
export interface ExecCluster {
  readonly server: string;
  readonly "tls-server-name"?: string | undefined;
  readonly "insecure-skip-tls-verify"?: boolean | undefined;
  /** Base64 of PEM. */
  readonly "certificate-authority-data"?: string | undefined;
  readonly "proxy-url"?: string | undefined;
  /** What the kubeconfig holds for the plugin. */
  readonly config?: unknown;
}

/** A command that gives credentials: `exec` of a kubeconfig's user. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** How to get the command, for the error where it is missing. */
  readonly installHint?: string | undefined;
  readonly cluster?: ExecCluster | undefined;
}

/** What a run of a plugin gave. */
export interface ExecCredential {
  readonly headers: TransportHeaders;
  readonly clientCertificate?: ClientCertificate;
  /** In milliseconds since 1970; without it until the server rejects it. */
  readonly expiresAt?: number;
}

/** What went wrong with a plugin, in words that go on from the field's name and hold no secret. */
export class ExecProblem extends Error {
  /** Whether the command cannot be run at all. */
  readonly missing: boolean;

  constructor(problem: string, { missing = false } = {}) {
    super(problem);
    this.missing = missing;
  }
}

/**
 * Runs a plugin once.
 *
 * @throws {ExecProblem}, or `signal.reason`
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  { host, signal }: { host: Host; signal: AbortSignal },
): Promise<ExecCredential> {
  const run = linkedController(signal);
  const cancelLimit = host.clock.setTimeout(
    () => run.abort(new ExecProblem(`did not end within ${LONGEST_RUN_MS / 1000} s`)),
    LONGEST_RUN_MS,
  );
  try {
    const { stdout, exitCode } = await host.runCommand(plugin.command, {
      args: plugin.args,
      env: environment(plugin, host.env),
      signal: run.signal,
    });
    if (exitCode !== 0) {
      throw new ExecProblem(exitCode === null ? "was killed" : `failed with exit code ${exitCode}`);
    }
    return parseCredential(stdout, plugin);
  } catch (error) {
    run.signal.throwIfAborted();
    throw error instanceof ExecProblem ? error : problemOfStart(error);
  } finally {
    cancelLimit();
    run.unlink();
  }
}

function environment(
  { apiVersion, cluster, env }: ExecPlugin,
  inherited: Host["env"],
): Record<string, string | undefined> {
  const info = {
    kind: "ExecCredential",
    apiVersion,
    spec: { ...(cluster && { cluster }), interactive: false },
  };
  return {
    ...inherited,
    ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
}

/** Only the code: the rest of such an error quotes the arguments. */
function problemOfStart(error: unknown): ExecProblem {
  const code = errorCode(error);
  return new ExecProblem(`cannot be run (${code})`, { missing: ["ENOENT", "EACCES"].includes(code) });
}

const credentialSchema = v.object({
  kind: v.literal("ExecCredential"),
  apiVersion: v.string(),
  status: v.object({
    token: v.nullish(v.string(), ""),
    clientCertificateData: v.nullish(v.string(), ""),
    clientKeyData: v.nullish(v.string(), ""),
    expirationTimestamp: v.nullish(
      v.pipe(
        v.string(),
        v.transform(Date.parse),
        v.check((time) => !Number.isNaN(time)),
      ),
    ),
  }),
});

/** Quotes nothing of the text: it holds secrets. */
function parseCredential(stdout: string, { apiVersion }: ExecPlugin): ExecCredential {
  const parsed = v.safeParse(credentialSchema, parseJson(stdout), { abortEarly: true });
  if (!parsed.success) {
    const place = v.getDotPath(parsed.issues[0]);
    throw new ExecProblem(`wrote no valid ExecCredential${place ? ` (its ${place} is wrong)` : ""}`);
  }
  if (parsed.output.apiVersion !== apiVersion) {
    throw new ExecProblem(`wrote another apiVersion than the kubeconfig's ${apiVersion}`);
  }
  const {
    token,
    clientCertificateData: cert,
    clientKeyData: key,
    expirationTimestamp,
  } = parsed.output.status;
  if (!token && !cert && !key) throw new ExecProblem("gave neither a token nor a client certificate");
  return {
    headers: token ? checkedHeader(token) : {},
    ...((cert || key) && { clientCertificate: checkedPair({ cert, key }) }),
    ...(expirationTimestamp != null && { expiresAt: expirationTimestamp }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkedHeader(text: string): TransportHeaders {
  const token = bearerToken(text);
  if (token === undefined) throw new ExecProblem("gave a token that no header can carry");
  return bearerHeader(token);
}

function checkedPair(pair: ClientCertificate): ClientCertificate {
  if (!pair.cert || !pair.key) throw new ExecProblem("gave a client certificate or a key, but not both");
  const wrong = problemOfKeyPair(pair);
  if (wrong) throw new ExecProblem(`gave a client ${wrong.part} that ${wrong.problem}`);
  return pair;
}
