import { until } from "../fixtures/control_plane.ts";
import { MOON_SCHEMA } from "./moon_schema.ts";
import type { Session } from "./session.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** The group of the custom kinds that all sessions share. */
export const GROUP = "example.com";

interface CustomKind {
  group: string;
  /** The plural is this in lower case and an "s". */
  kind: string;
  scope?: "Namespaced" | "Cluster";
  /** Default: one version v1 that takes any fields. */
  versions?: readonly object[];
}

const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const colour = { ...anything, properties: { colour: { type: "string" } } };

/** A version that takes any fields; `fields` add to it or replace. */
export function version(name: string, fields: object = {}): object {
  return { name, served: true, storage: true, schema: { openAPIV3Schema: anything }, ...fields };
}

/** A CustomResourceDefinition to be sent. */
function definition({ group, kind, scope = "Namespaced", versions = [version("v1")] }: CustomKind): object {
  const plural = `${kind.toLowerCase()}s`;
  return {
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope, names: { plural, kind }, versions },
  };
}

/** Makes a definition and waits until its kind is served everywhere. Resolves with the definition's path. */
export async function define(api: Session, kind: CustomKind): Promise<string> {
  const { metadata } = await api.create(DEFINITIONS, definition(kind));
  const path = `${DEFINITIONS}/${metadata.name}`;
  const resource = metadata.name.replace(/\..*/, "");
  await until(async () => (await api.get(`/apis/${kind.group}/v1/${resource}`)).status === 200, {
    what: `${metadata.name} to be served`,
  });
  return path;
}

/**
 * Defines the kinds of all sessions: Widget, which can be selected by colour; Gadget, which has a status subresource;
 * Moon, which has that too, and a strict schema; and Planet, which is in no namespace.
 */
export async function defineSharedKinds(api: Session): Promise<void> {
  const openAPIV3Schema = { ...anything, properties: { spec: colour } };
  const selectableFields = [{ jsonPath: ".spec.colour" }];
  const selectable = version("v1", { schema: { openAPIV3Schema }, selectableFields });
  await Promise.all([
    define(api, { group: GROUP, kind: "Widget", versions: [selectable] }),
    define(api, {
      group: GROUP,
      kind: "Gadget",
      versions: [version("v1", { subresources: { status: {} } })],
    }),
    define(api, {
      group: GROUP,
      kind: "Moon",
      versions: [version("v1", { schema: MOON_SCHEMA, subresources: { status: {} } })],
    }),
    define(api, { group: GROUP, kind: "Planet", scope: "Cluster" }),
  ]);
}

/** A custom object to be sent. */
export function custom(
  kind: string,
  name: string,
  {
    group = GROUP,
    metadata,
    ...fields
  }: { group?: string; metadata?: object; [field: string]: unknown } = {},
): object {
  return { ...fields, apiVersion: `${group}/v1`, kind, metadata: { ...metadata, name } };
}
