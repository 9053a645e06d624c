import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import type { Format, Transformation } from "./accept.ts";
import type { ApiResource } from "./api_resource.ts";
import { typedMetadata } from "./object_version.ts";
import { columnsOf, isWithoutColumns } from "./printer_columns.ts";
import { badRequest, internalError, notAcceptable } from "./status_error.ts";
import { columnDefinitions } from "./table.ts";

/** What answers of one call are made into; without a transformation they stay as they are. */
interface FormCall {
  readonly cluster: { wallClock(): Date };
  readonly query: URLSearchParams;
  readonly resource: ApiResource;
  readonly format: Format;
}
type AnyObject = Frozen<KubernetesObject>;

/** How a watch shows objects. */
export interface EventForm {
  /** Watches with the same key show the same; undefined: no two watches do. */
  readonly key: string | undefined;
  shown(object: AnyObject): unknown;
}

/**
 * The body of an answer in the form that the client asked for.
 *
 * @throws StatusError 406 where that form is none of what there is
 */
export function inForm(json: unknown, call: FormCall): unknown {
  const { resource, format } = call;
  const { as } = format;
  if (as === undefined || !isJsonObject(json) || json.kind === "Status") return json;
  const items = json.kind === resource.listKind && Array.isArray(json.items) ? json.items : undefined;
  const head = { kind: as.kind, apiVersion: `meta.k8s.io/${as.version}` };
  switch (as.kind) {
    case "Table": {
      const metadata = items ? listMetadata(json) : versionOnly(json);
      const rows = new Rows(call, as);
      return { ...head, metadata, columnDefinitions: rows.definitions, rows: rows.ofList(items ?? [json]) };
    }
    case "PartialObjectMetadata":
      if (items) throw wrongForm(resource, { as, what: "a list", typeSuffix: "List" });
      return metadataOnly(json, as);
    case "PartialObjectMetadataList": {
      if (!items) throw wrongForm(resource, { as, what: "not a list" });
      // An empty list of these is Go's nil.
      const shown = items.length === 0 ? null : items.map((item) => metadataOnly(item, as));
      return { ...head, metadata: listMetadata(json), items: shown };
    }
  }
}

/** The form in which a watch shows objects; undefined for one in which it shows nothing. */
export function eventForm(call: FormCall): EventForm | undefined {
  const { as } = call.format;
  switch (as?.kind) {
    case undefined:
      return { key: "", shown: (object) => object };
    case "PartialObjectMetadata":
      return { key: `metadata ${as.version}`, shown: (object) => metadataOnly(object, as) };
    case "PartialObjectMetadataList":
      return undefined;
    case "Table": {
      const rows = new Rows(call, as);
      let definitions: unknown = rows.definitions;
      return {
        key: undefined,
        shown: (object) => {
          const columns = { columnDefinitions: definitions, rows: rows.of([object]) };
          definitions = null; // told once
          return { kind: "Table", apiVersion: rows.apiVersion, metadata: versionOnly(object), ...columns };
        },
      };
    }
  }
}

/** The rows of tables of one resource. */
class Rows {
  readonly apiVersion: string;
  readonly #call: FormCall;
  readonly #as: Transformation;
  readonly #include: string;

  constructor(call: FormCall, as: Transformation) {
    this.apiVersion = `meta.k8s.io/${as.version}`;
    this.#call = call;
    this.#as = as;
    this.#include = call.query.get("includeObject") || "Metadata";
    if (["Metadata", "Object", "None"].includes(this.#include)) return;
    const why = "must be 'Metadata', 'Object', 'None', or empty";
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: "${this.#include}": ${why}`,
    );
  }

  get definitions(): object[] {
    return columnDefinitions(columnsOf(this.#call.resource));
  }

  /** Of kinds without columns of their own, no rows are Go's nil. */
  ofList(objects: readonly AnyObject[]): object[] | null {
    return objects.length === 0 && isWithoutColumns(this.#call.resource) ? null : this.of(objects);
  }

  of(objects: readonly AnyObject[]): object[] {
    const { cluster, resource } = this.#call;
    const columns = columnsOf(resource);
    const now = cluster.wallClock();
    return objects.map((object) => ({
      cells: columns.map((column) => column.cell(object as KubernetesObject, now)),
      object: this.#shown(object),
    }));
  }

  #shown(object: AnyObject): unknown {
    const { resource } = this.#call;
    if (this.#include === "None") return null;
    if (this.#include === "Metadata") return metadataOnly(object, this.#as);
    return { kind: resource.kind, apiVersion: formatGroupVersion(resource), ...object };
  }
}

function metadataOnly({ metadata = {} }: AnyObject, { version }: Transformation): unknown {
  const head = { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}` };
  return { ...head, metadata: typedMetadata(metadata) };
}

function versionOnly({ metadata }: AnyObject): unknown {
  const { resourceVersion } = metadata ?? {};
  return resourceVersion === undefined ? {} : { resourceVersion };
}

/** The metadata of a list in the order of built-in types, without what is empty. */
function listMetadata({ metadata }: JsonObject): unknown {
  const all = isJsonObject(metadata) ? metadata : {};
  const fields = ["resourceVersion", "continue", "remainingItemCount"];
  return Object.fromEntries(fields.flatMap((field) => (all[field] ? [[field, all[field]]] : [])));
}

/** The words name the type in the server's own code. */
function wrongForm(
  { custom, group, kind }: ApiResource,
  { as, what, typeSuffix = "" }: { as: Transformation; what: string; typeSuffix?: string },
): Error {
  if (custom && typeSuffix === "") return internalError("content is not a list");
  const [place] = (group || "core").split(".");
  const type = custom ? "unstructured.UnstructuredList" : `${place}.${kind}${typeSuffix}`;
  return notAcceptable(`you requested ${as.kind}, but the requested object is ${what} (*${type})`);
}
