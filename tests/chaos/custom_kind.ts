import { type ControlPlane, until } from "../fixtures/control_plane.ts";
import { type ChaosKind, pathOf } from "./population.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Defines the custom kind, whose `spec.size` is of that type, and waits until it is served. */
export async function defineKind(
  controlPlane: ControlPlane,
  { kind, namespace, size }: { kind: ChaosKind; namespace: string; size: "string" | "integer" },
): Promise<void> {
  const [group, name] = kind.apiVersion.split("/");
  const spec = { type: "object", required: ["size"], properties: { size: { type: size } } };
  const openAPIV3Schema = { type: "object", properties: { spec } };
  await controlPlane.call("POST", DEFINITIONS, {
    body: {
      metadata: { name: `${kind.resource}.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural: kind.resource, kind: kind.kind },
        versions: [{ name, served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    },
  });
  await until(async () => (await statusOf(controlPlane, kind, namespace)) === 200, {
    what: `${kind.kind} to be served`,
  });
}

/** Deletes the definition, and with it all objects, and waits until the kind is gone. */
export async function removeKind(
  controlPlane: ControlPlane,
  { kind, namespace }: { kind: ChaosKind; namespace: string },
): Promise<void> {
  const path = `${DEFINITIONS}/${kind.resource}.${kind.apiVersion.split("/")[0]}`;
  await controlPlane.call("DELETE", path);
  await until(async () => (await controlPlane.request("GET", path)).status === 404, {
    what: `the definition of ${kind.kind} to be gone`,
  });
  await until(async () => (await statusOf(controlPlane, kind, namespace)) === 404, {
    what: `${kind.kind} to be gone`,
  });
}

async function statusOf(controlPlane: ControlPlane, kind: ChaosKind, namespace: string): Promise<number> {
  return (await controlPlane.request("GET", pathOf(kind, namespace))).status;
}
