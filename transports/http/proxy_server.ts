import { InvalidInputError } from "../../lib/kubernetes/errors.ts";

/** A proxy that connections go through. */
export interface ProxyServer {
  readonly protocol: "http" | "https" | "socks5";
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** For people: the URL without user and password. */
  readonly name: string;
  /** What the proxy wants to know of who asks. */
  readonly login?: { readonly username: string; readonly password: string };
}

const DEFAULT_PORTS = { http: 80, https: 443, socks5: 1080 } as const;
const PROTOCOLS: Readonly<Record<string, ProxyServer["protocol"]>> = {
  "http:": "http",
  "https:": "https",
  "socks5:": "socks5",
  "socks5h:": "socks5", // the same: the proxy is always told the server's name
};

/**
 * Parses the URL of a proxy, or says what is wrong with it, in words that go on from "it" and do not repeat it.
 */
export function parseProxy(url: string): ProxyServer | { readonly problem: string } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const protocol = parsed && PROTOCOLS[parsed.protocol];
  if (!parsed?.hostname || !protocol) {
    return { problem: "must be an http, https or socks5 URL such as http://proxy.example:3128" };
  }
  const login = decodedLogin(parsed);
  if (login === "broken") return { problem: "has a user or a password that is not percent-encoded" };
  if (protocol === "socks5" && login && Object.values(login).some(isTooLong)) {
    return { problem: "has a user or a password of more than 255 bytes, which SOCKS5 cannot carry" };
  }
  const port = parsed.port === "" ? DEFAULT_PORTS[protocol] : Number(parsed.port);
  return {
    protocol,
    hostname: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    name: `${protocol}://${parsed.hostname}:${port}`,
    ...(login && { login }),
  };
}

/**
 * The proxy at `url`.
 *
 * @throws {InvalidInputError} that names `field`
 */
export function proxyAt(url: string, field: string): ProxyServer {
  const proxy = parseProxy(url);
  if ("problem" in proxy) throw new InvalidInputError(field, `Cannot use ${field}: it ${proxy.problem}`);
  return proxy;
}

function decodedLogin({ username, password }: URL): ProxyServer["login"] | "broken" {
  if (username === "" && password === "") return undefined;
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return "broken";
  }
}

function isTooLong(text: string): boolean {
  return new TextEncoder().encode(text).length > 255;
}

/** Host and port as they stand in a URL. */
export function authority({ hostname, port }: { hostname: string; port: number }): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
