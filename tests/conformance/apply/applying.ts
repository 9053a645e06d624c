import type { ApiBody } from "../../fixtures/control_plane.ts";
import { custom } from "../custom_kinds.ts";
import type { Reply, Session } from "../session.ts";

interface ApplyOptions {
  /** The field manager. */
  as?: string;
  /** More of the query, such as `force=true`. */
  query?: string;
}

/** Applies a configuration, an object or a text, at the path of its object. */
export function apply(
  api: Session,
  path: string,
  { body, as, query = "" }: ApplyOptions & { body: unknown },
): Promise<Reply> {
  const parameters = [...(as === undefined ? [] : [`fieldManager=${as}`]), ...(query === "" ? [] : [query])];
  return api.send("PATCH", `${path}?${parameters.join("&")}`, {
    body,
    headers: { "content-type": "application/apply-patch+yaml" },
  });
}

/** Applies a ConfigMap with some data. */
export function applyData(
  api: Session,
  { name = "one", data, ...options }: ApplyOptions & { name?: string; data?: object },
): Promise<Reply> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...(data && { data }) };
  return apply(api, `${api.configMaps}/${name}`, { ...options, body });
}

/** Applies a Moon with some spec. */
export function applySpec(
  api: Session,
  { name = "one", spec, ...options }: ApplyOptions & { name?: string; spec: object },
): Promise<Reply> {
  return apply(api, `${api.moons}/${name}`, { ...options, body: custom("Moon", name, { spec }) });
}

/** The managedFields of an object by their managers, with their times named: their order depends on the times. */
export function owners({ metadata }: ApiBody): unknown {
  const entries = (metadata.managedFields ?? []) as readonly Record<string, unknown>[];
  return entries
    .map(({ time, ...entry }) => (time === undefined ? entry : { ...entry, time: "<time>" }))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ manager, subresource = "" }: Record<string, unknown>): string {
  return `${manager}/${subresource}`;
}

/** An entry of managedFields. */
export function owner(
  manager: string,
  fieldsV1: object,
  {
    operation = "Apply",
    apiVersion = "v1",
    ...rest
  }: { operation?: string; apiVersion?: string; subresource?: string } = {},
): object {
  return { manager, operation, apiVersion, time: "<time>", fieldsType: "FieldsV1", fieldsV1, ...rest };
}
