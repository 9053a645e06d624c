import { parseBaseUrl } from "./base_url.ts";
import { type Fetch, fetchClient } from "./fetch_client.ts";
import type { HttpClient } from "./http_transport.ts";

/** What is used of a runtime's globals, each where it is there: a bundler may have left a `process` with nothing in it. */
interface Runtime {
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly execArgv?: readonly string[];
  };
  readonly Bun?: unknown;
  readonly Deno?: {
    readonly permissions: { querySync(ask: { name: "env"; variable: string }): { readonly state: string } };
  };
}

const PROXY_VARIABLES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const EXEMPT_VARIABLES = ["NO_PROXY", "no_proxy"];

/**
 * Sends requests with the runtime's own fetch. What goes over http to this machine may hold credentials, and fetch would
 * take it through a proxy of the environment: Bun's is told not to, and for others such a server is not confidential.
 */
export function ownFetchClient(baseUrl: string): HttpClient {
  const { origin, confidential } = parseBaseUrl(baseUrl);
  if (!confidential || origin.startsWith("https:")) return fetchClient(globalThis.fetch);
  const runtime = globalThis as unknown as Runtime;
  if (runtime.Bun) return fetchClient(straight(globalThis.fetch));
  return { ...fetchClient(globalThis.fetch), proxied: mayBeProxied(runtime, new URL(origin).hostname) };
}

function straight(fetch: Fetch): Fetch {
  return (url, init) => fetch(url, { ...init, proxy: false } as RequestInit);
}

/** Whether there is a proxy for plain http to `host`, or Deno does not let it be seen that there is none. */
function mayBeProxied({ process, Deno }: Runtime, host: string): boolean {
  if (!process || !(Deno || obeysProxies(process))) return false;
  const hidden = (variable: string) =>
    Deno && Deno.permissions.querySync({ name: "env", variable }).state !== "granted";
  if ([...PROXY_VARIABLES, ...EXEMPT_VARIABLES].some(hidden)) return true;
  const { env = {} } = process;
  const exempt = EXEMPT_VARIABLES.flatMap((name) =>
    (env[name] ?? "").split(",").map((entry) => entry.trim()),
  );
  return PROXY_VARIABLES.some((name) => env[name]) && !exempt.includes(host);
}

/** Node's goes by the environment only where it is told to. */
function obeysProxies({ env = {}, execArgv = [] }: NonNullable<Runtime["process"]>): boolean {
  const options = [...execArgv, env.NODE_OPTIONS].join(" ");
  return env.NODE_USE_ENV_PROXY === "1" || options.includes("--use-env-proxy");
}
