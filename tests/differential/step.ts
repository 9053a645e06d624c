/**
 * One request of a sequence. What depends on the server stands in it as a reference: `<version configmaps/a>` is the
 * resource version at which that server last showed the object.
 */
export interface Step {
  readonly method: string;
  /** Encoded, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What one server has shown so far in one sequence, by which the references of later steps are resolved. */
export class Memory {
  readonly #namespace: string;
  readonly #versions = new Map<string, string[]>();
  readonly #uids = new Map<string, string>();
  readonly #listVersions: string[] = [];
  #generated = "none-generated";
  #continueToken = "";

  constructor({ namespace }: { namespace: string }) {
    this.#namespace = namespace;
  }

  /** The step as this server is to be sent it: what it never showed is "". */
  resolved({ method, path, headers, body }: Step, index: number): Step {
    const inText = (text: string) => text.replace(REFERENCE, (_, name: string) => this.#value(name, index));
    return {
      method,
      path: inText(path),
      ...(headers && { headers }),
      ...(body !== undefined && { body: inText(body) }),
    };
  }

  /** Takes in all that an answer shows: an object, a list, a table, or the frames of a watch. */
  observe(text: string, resource: string): void {
    for (const json of documents(text)) {
      this.#observe(json, resource);
      if (
        isRecord(json) &&
        isRecord(json.metadata) &&
        (Array.isArray(json.items) || Array.isArray(json.rows))
      ) {
        remember(this.#listVersions, json.metadata.resourceVersion);
        this.#continueToken = textOf(json.metadata.continue);
      }
    }
  }

  #observe(json: unknown, resource: string): void {
    if (!isRecord(json)) return;
    for (const inner of [json.object, json.items, json.rows].flat()) this.#observe(inner, resource);
    const { metadata } = json;
    if (!isRecord(metadata)) return;
    const { name, uid, generateName } = metadata;
    if (typeof name !== "string" || typeof uid !== "string") return;
    const keys = [`${resource}/${name.replace(`${this.#namespace}-`, "")}`];
    if (generateName !== undefined) {
      this.#generated = name;
      keys.push(`${resource}/generated`);
    }
    for (const key of keys) {
      this.#uids.set(key, uid);
      const versions = this.#versions.get(key) ?? [];
      this.#versions.set(key, versions);
      remember(versions, metadata.resourceVersion);
    }
  }

  #value(reference: string, index: number): string {
    const [what = "", key = ""] = reference.split(" of ");
    switch (what) {
      case "namespace":
        return this.#namespace;
      case "step":
        return String(index).padStart(2, "0");
      case "generated":
        return this.#generated;
      case "continue":
        return this.#continueToken;
      case "list version":
        return this.#listVersions.at(-1) ?? "";
      case "old list version":
        return this.#listVersions.at(0) ?? "";
      case "version":
        return this.#versions.get(key)?.at(-1) ?? "";
      case "old version":
        return this.#versions.get(key)?.at(0) ?? "";
      default:
        return this.#uids.get(key) ?? "";
    }
  }
}

const REFERENCE =
  /<(namespace|step|generated|continue|(?:old )?list version|(?:(?:old )?version|uid) of [\w./-]+)>/g;

/** The JSON documents in a body: one, or a line each. */
export function documents(body: string): unknown[] {
  const lines = body.startsWith('{"type":') ? body.split("\n") : [body];
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function remember(versions: string[], version: unknown): void {
  if (typeof version !== "string" || version === "") return;
  const known = versions.indexOf(version);
  if (known >= 0) versions.splice(known, 1);
  versions.push(version);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
