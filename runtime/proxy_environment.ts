import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import { ipBytes } from "../transports/http/ip_address.ts";
import { parseProxy } from "../transports/http/proxy_server.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLES = { "https:": "HTTPS_PROXY", "http:": "HTTP_PROXY" } as const;

/**
 * The URL of the proxy that the environment names for `server`, by the rules of Go's programs, kubectl among them:
 * HTTPS_PROXY or HTTP_PROXY by the server's scheme, unless NO_PROXY has the server, or it is this machine itself.
 *
 * @throws {InvalidInputError} that names the variable, where what it holds is used and is no proxy
 */
export function environmentProxy(server: string, env: Environment): string | undefined {
  const url = new URL(server);
  const name = VARIABLES[url.protocol as keyof typeof VARIABLES];
  const value = variable(env, name);
  if (!value || !isProxied(url, variable(env, "NO_PROXY"))) return undefined;
  // A web server that runs programs sets HTTP_PROXY to whatever a client sends as the header Proxy.
  if (name === "HTTP_PROXY" && env.REQUEST_METHOD)
    throw refused(name, "is not to be trusted in a CGI program");
  const proxy = value.includes("://") ? value : `http://${value}`;
  const parsed = parseProxy(proxy);
  if ("problem" in parsed) throw refused(name, parsed.problem);
  return proxy;
}

function variable(env: Environment, name: string): string {
  return env[name] || env[name.toLowerCase()] || "";
}

function refused(name: string, problem: string): InvalidInputError {
  return new InvalidInputError(name, `Cannot connect by the environment's proxy: ${name} ${problem}`);
}

/** A server as the entries of NO_PROXY are held against it. */
interface Target {
  readonly host: string;
  readonly port: string;
  readonly ip: readonly number[] | undefined;
}

function isProxied(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const target = { host, port: url.port || (url.protocol === "https:" ? "443" : "80"), ip: ipBytes(host) };
  if (host === "localhost" || isLoopback(target.ip)) return false;
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  return !entries.some((entry) => matches(entry, target));
}

function isLoopback(ip: Target["ip"]): boolean {
  if (ip?.length === 4) return ip[0] === 127;
  return ip?.every((byte, index) => byte === (index === 15 ? 1 : 0)) ?? false;
}

/** An entry is `*`, an address, a range of them, or a name that stands for all below it too (with a dot only for those). */
function matches(entry: string, { host, port, ip }: Target): boolean {
  if (entry === "*") return true;
  const [network = "", prefix] = entry.split("/");
  if (prefix !== undefined) return isInRange(ip, { network: ipBytes(network), prefix });
  const { host: name, port: onlyPort } = splitPort(entry);
  if (name === "" || (onlyPort && onlyPort !== port)) return false;
  const address = ipBytes(name);
  if (address || ip) return address?.join() === ip?.join();
  const suffix = name.replace(/^\*\./, ".");
  return suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function splitPort(entry: string): { readonly host: string; readonly port?: string | undefined } {
  const bracketed = /^\[(?<host>[^\]]*)\]:(?<port>\d*)$/.exec(entry)?.groups;
  if (bracketed) return { host: bracketed.host ?? "", port: bracketed.port };
  // More than one colon: an IPv6 address without a port, which has no brackets.
  const [host = "", port, more] = entry.split(":");
  return more === undefined ? { host, port } : { host: entry };
}

function isInRange(
  ip: Target["ip"],
  { network, prefix }: { network: Target["ip"]; prefix: string },
): boolean {
  if (!ip || ip.length !== network?.length || !/^\d+$/.test(prefix)) return false;
  const bits = Number(prefix);
  return bits <= ip.length * 8 && bitText(ip).slice(0, bits) === bitText(network).slice(0, bits);
}

function bitText(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
}
