import { parseBaseUrl } from "./base_url.ts";
import { type Fetch, fetchClient } from "./fetch_client.ts";
import type { HttpClient } from "./http_transport.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What is used of a runtime's globals, each where it is there: a bundler may have left a `process` with nothing in it. */
interface Runtime {
  readonly process?: {
    readonly env?: Environment;
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
  if (plainHost(baseUrl) && "Bun" in globalThis) return fetchClient(straight(globalThis.fetch));
  return { ...fetchClient(globalThis.fetch), proxied: mayBeProxied(baseUrl) };
}

/** The host of a base URL whose credentials go over http, as it is on this machine. */
function plainHost(baseUrl: string): string | undefined {
  const { origin, confidential } = parseBaseUrl(baseUrl);
  return confidential && origin.startsWith("http:") ? new URL(origin).hostname : undefined;
}

function straight(fetch: Fetch): Fetch {
  return (url, init) => fetch(url, { ...init, proxy: false } as RequestInit);
}

/**
 * Whether credentials over http to this machine would go by a proxy of the environment, or Deno does not let it be seen
 * that there is none. A proxy that the program itself sets for all requests cannot be seen. Bun's fetch is told not to, and
 * its WebSocket never does.
 */
export function mayBeProxied(baseUrl: string): boolean {
  const host = plainHost(baseUrl);
  const { process, Bun, Deno } = globalThis as unknown as Runtime;
  if (host === undefined || Bun || !process || !(Deno || obeysProxies(process))) return false;
  const hidden = (variable: string) =>
    Deno && Deno.permissions.querySync({ name: "env", variable }).state !== "granted";
  if ([...PROXY_VARIABLES, ...EXEMPT_VARIABLES].some(hidden)) return true;
  const { env = {} } = process;
  return PROXY_VARIABLES.some((name) => env[name]) && !isExempt(host, env);
}

/** A runtime goes by one of the two variables, so that each that is set has to name the host. */
function isExempt(host: string, env: Environment): boolean {
  const lists = EXEMPT_VARIABLES.map((name) => env[name]).filter((list) => list !== undefined);
  return lists.length > 0 && lists.every((list) => list.split(",").some((entry) => entry.trim() === host));
}

/** Node's goes by the environment only where it is told to. */
function obeysProxies({ env = {}, execArgv = [] }: NonNullable<Runtime["process"]>): boolean {
  const options = [...execArgv, env.NODE_OPTIONS].join(" ");
  return env.NODE_USE_ENV_PROXY === "1" || options.includes("--use-env-proxy");
}
