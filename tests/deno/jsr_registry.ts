import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readArchive } from "./read_archive.ts";

/** A version of a package: what it exports, and its files by path. */
export interface JsrPackage {
  readonly exports: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, Buffer>;
}

interface Published extends JsrPackage {
  readonly version: string;
}

/**
 * A stand-in for JSR on this machine, as far as `deno` sees it with `JSR_URL`: packages can be imported from it, and
 * `deno publish` puts one there.
 */
export class JsrRegistry {
  readonly #packages = new Map<string, Published>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error) => send(response, 500, String(error)));
  });

  /** Gives a package, by a name such as `@std/expect`, a version. */
  add(name: string, { version, exports, files }: Published): void {
    this.#packages.set(name, { version, exports, files });
  }

  /** What was published or added under a name. */
  get(name: string): JsrPackage | undefined {
    return this.#packages.get(name);
  }

  /** Listens on a free port of this machine; gives the URL for `JSR_URL`. */
  async listen(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith("/api/")) return this.#answerPublisher(pathname, request, response);
    const [, scope = "", name = "", rest = ""] = /^\/(@[^/]+)\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const found = this.#packages.get(`${scope}/${name}`);
    if (found === undefined) return send(response, 404, "no such package");
    const { version, exports, files } = found;
    if (rest === "meta.json") return sendJson(response, { latest: version, versions: { [version]: {} } });
    if (rest === `${version}_meta.json`) return sendJson(response, { manifest: manifestOf(files), exports });
    const file = files.get(rest.slice(version.length));
    return file === undefined ? send(response, 404, "no such file") : send(response, 200, file);
  }

  async #answerPublisher(
    pathname: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const parts = /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?$/.exec(pathname) ?? [];
    const [, scope = "", name = "", version] = parts;
    if (version === undefined) return sendJson(response, {});
    if (request.method !== "POST")
      return send(response, 404, JSON.stringify({ code: "notFound", message: "" }));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const files = readArchive(Buffer.concat(chunks));
    const { exports } = JSON.parse(files.get("/deno.json")?.toString() ?? "{}");
    this.add(`@${scope}/${name}`, { version, exports, files });
    return sendJson(response, { id: "1", status: "success", error: null });
  }
}

function manifestOf(files: JsrPackage["files"]): Record<string, { size: number; checksum: string }> {
  const entries = [...files].map(([path, file]) => {
    const checksum = `sha256-${createHash("sha256").update(file).digest("hex")}`;
    return [path, { size: file.length, checksum }] as const;
  });
  return Object.fromEntries(entries);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader("content-type", "application/json");
  send(response, 200, JSON.stringify(value));
}

function send(response: ServerResponse, status: number, body: string | Buffer): void {
  response.writeHead(status).end(body);
}
