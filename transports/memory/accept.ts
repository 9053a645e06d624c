import type { ServerRequest } from "./answer.ts";

/** As what an object or a list may be answered instead of as itself. */
export interface Transformation {
  readonly kind: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  readonly version: "v1" | "v1beta1";
}

/** How an answer is written. */
export interface Format {
  readonly type: "application/json" | "application/yaml";
  readonly pretty: boolean;
  /** Undefined: as it is. */
  readonly as: Transformation | undefined;
}

/** What a client says that it takes, and how it wants it. */
export interface Wish {
  readonly accept: string;
  /** Whether JSON is to be indented, where the media type does not say it. */
  readonly pretty: boolean;
}

interface Clause {
  readonly type: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

const TYPES = ["application/json", "application/yaml"] as const;
const META_GROUP = "meta.k8s.io";
const TRANSFORMED_KINDS = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"];
const META_VERSIONS = ["v1", "v1beta1"];
const TRUE = ["1", "t", "T", "true", "TRUE", "True"];
/** Programs whose users read the answer themselves. */
const READERS = /^(?:curl|Wget|Mozilla\/5\.0)/;

/** What the client of a request wishes. */
export function wishOf({ headers, path }: Pick<ServerRequest, "headers" | "path">): Wish {
  const [, query = ""] = path.split("?");
  const asked = new URLSearchParams(query).get("pretty") ?? "";
  const pretty = asked === "" ? READERS.test(headers.get("user-agent") ?? "") : TRUE.includes(asked);
  return { accept: headers.get("accept") ?? "", pretty };
}

/** The first of the client's wishes that can be fulfilled, by their weight; undefined where none can. */
export function negotiated(
  { accept, pretty }: Wish,
  { transforms }: { transforms: (as: Transformation) => boolean },
): Format | undefined {
  if (accept.trim() === "") return { type: "application/json", pretty, as: undefined };
  for (const { type, parameters } of clauses(accept)) {
    const found = TYPES.find((served) => type === served || type === "*/*" || type === "application/*");
    const as = transformation(parameters);
    const stream = parameters.get("stream") ?? "";
    const isServed = found !== undefined && (stream === "" || stream === "watch");
    if (!isServed || as === "unknown" || (as && !transforms(as))) continue;
    return { type: found, pretty: pretty || parameters.get("pretty") === "1", as };
  }
  return undefined;
}

/** Whether a header names one of some types by their exact names, or any type: all that the router looks at. */
export function namesType(accept: string, types: readonly string[]): boolean {
  if (accept.trim() === "") return true;
  return accept.split(",").some((clause) => {
    const [type = ""] = clause.split(";");
    return type.trim() === "*/*" || types.includes(type.trim());
  });
}

function clauses(accept: string): Clause[] {
  const all = accept.split(",").map((text): Clause => {
    const [type = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters = new Map(
      rest.map((part): [string, string] => {
        const [name = "", value = ""] = part.split("=");
        return [name.trim(), value.trim()];
      }),
    );
    const quality = Number(parameters.get("q") ?? "1");
    return { type, quality: Number.isNaN(quality) ? 1 : quality, parameters };
  });
  return all.sort((a, b) => b.quality - a.quality || wildcards(a.type) - wildcards(b.type));
}

function transformation(parameters: Clause["parameters"]): Transformation | "unknown" | undefined {
  const [kind, group, version] = ["as", "g", "v"].map((name) => parameters.get(name));
  if (kind === undefined && group === undefined && version === undefined) return undefined;
  const isKnown =
    group === META_GROUP && TRANSFORMED_KINDS.includes(kind ?? "") && META_VERSIONS.includes(version ?? "");
  return isKnown ? ({ kind, version } as Transformation) : "unknown";
}

function wildcards(type: string): number {
  return type.split("/").filter((part) => part === "*").length;
}
