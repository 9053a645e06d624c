import { afterEach, beforeAll } from "@std/testing/bdd";
import type { Transport, TransportHeaders } from "../../mod.ts";
import type { ApiServerUnderTest } from "../fixtures/api_server_under_test.ts";
import type { ApiBody } from "../fixtures/control_plane.ts";
import { defineSharedKinds, GROUP } from "./custom_kinds.ts";
import { OpenWatch } from "./open_watch.ts";
import { Transcript } from "./transcript.ts";

interface SendOptions {
  /** Sent as JSON, of a PATCH as a merge patch, unless it is a string or `headers` say otherwise. */
  body?: unknown;
  headers?: TransportHeaders;
  /** Default: the superuser. */
  user?: string | undefined;
}

/** An answer, read to its end. */
export interface Reply {
  readonly status: number;
  /** As it came. */
  readonly raw: string;
  /** As the transcript writes it, when it is read. */
  readonly text: string;
  /** What came, parsed when it is read. */
  readonly json: ApiBody;
  header(name: string): string | null;
}

/** What one case says to a server and hears from it, in a namespace of its own. */
export class Session {
  readonly server: ApiServerUnderTest;
  readonly namespace: string;
  readonly #transcript: Transcript;
  readonly #transports = new Map<string | undefined, Transport>();
  readonly #watches: OpenWatch[] = [];

  constructor(server: ApiServerUnderTest, namespace: string) {
    this.server = server;
    this.namespace = namespace;
    this.#transcript = new Transcript({ namespace });
  }

  /** The path of a resource in the session's namespace; the group version is that of the core group by default. */
  path(resource: string, groupVersion = "v1"): string {
    const root = groupVersion === "v1" ? "/api" : "/apis";
    return `${root}/${groupVersion}/namespaces/${this.namespace}/${resource}`;
  }

  get configMaps(): string {
    return this.path("configmaps");
  }

  get widgets(): string {
    return this.path("widgets", `${GROUP}/v1`);
  }

  get gadgets(): string {
    return this.path("gadgets", `${GROUP}/v1`);
  }

  get moons(): string {
    return this.path("moons", `${GROUP}/v1`);
  }

  /** Sends a request and reads the answer, whatever it is. In `path`, `<namespace>` stands for the session's own. */
  async send(method: string, path: string, { body, headers, user }: SendOptions = {}): Promise<Reply> {
    const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const response = await this.#transport(user).request({
      method,
      path: path.replace("<namespace>", this.namespace),
      headers: { ...(body === undefined ? {} : { "content-type": contentType }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const decoder = new TextDecoder();
    const transcript = this.#transcript;
    let raw = "";
    for await (const chunk of response.body) raw += decoder.decode(chunk, { stream: true });
    return {
      status: response.status,
      raw,
      get text(): string {
        return transcript.write(raw);
      },
      get json(): ApiBody {
        return JSON.parse(raw);
      },
      header: (name) => response.headers.get(name),
    };
  }

  get(path: string, options?: SendOptions): Promise<Reply> {
    return this.send("GET", path, options);
  }

  /** Makes an object and resolves with it; anything but success is an error. */
  create(path: string, body: object): Promise<ApiBody> {
    return this.#done("POST", path, body);
  }

  /** Merges into an object and resolves with it; anything but success is an error. */
  patch(path: string, body: object): Promise<ApiBody> {
    return this.#done("PATCH", path, body);
  }

  /** Deletes an object; anything but success is an error. */
  delete(path: string): Promise<ApiBody> {
    return this.#done("DELETE", path);
  }

  /** Waits until the watch cache has seen a version: until then, answers that may be of any version may be older. */
  async cached(path: string, version: string | undefined): Promise<void> {
    await this.#done("GET", `${path}?resourceVersion=${version}`);
  }

  /** The resource version of a collection as it is now. */
  async version(path: string): Promise<string> {
    return (await this.#done("GET", path)).metadata.resourceVersion;
  }

  /** Opens a watch, or what should be one: `path` has its query. It is closed with the session. */
  async watch(
    path: string,
    { user, headers = {} }: Pick<SendOptions, "user" | "headers"> = {},
  ): Promise<OpenWatch> {
    const controller = new AbortController();
    const { signal } = controller;
    const response = await this.#transport(user).request({
      method: "GET",
      path,
      headers,
      signal,
      stream: true,
    });
    const watch = new OpenWatch(response, { transcript: this.#transcript, controller });
    this.#watches.push(watch);
    return watch;
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  async #done(method: string, path: string, body?: object): Promise<ApiBody> {
    const { status, raw, json } = await this.send(method, path, { body });
    if (status < 200 || status > 299) throw new Error(`Cannot ${method} ${path}: ${status} ${raw}`);
    return json;
  }

  #transport(user: string | undefined): Transport {
    const transport = this.#transports.get(user) ?? this.server.transport(user);
    this.#transports.set(user, transport);
    return transport;
  }
}

/** Opens a session; it ends with the test. */
export type OpenSession = () => Promise<Session>;

/** Gives sessions to the tests of the describe block that it is called in. */
export function sessions(server: () => ApiServerUnderTest): OpenSession {
  const opened: Session[] = [];
  async function open(): Promise<Session> {
    const session = new Session(server(), await server().createNamespace());
    opened.push(session);
    return session;
  }
  beforeAll(async () => defineSharedKinds(await open()));
  afterEach(() => {
    for (const session of opened.splice(0)) session.close();
  });
  return open;
}
