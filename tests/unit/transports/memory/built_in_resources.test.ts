import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { SHOWN_OBJECTS, SOME_TIME } from "./built_in_objects.ts";
import { MERGE_PATCH, world } from "./exchange.ts";

const STATUS = ["status"];

/** What kube-apiserver 1.35 says in its discovery, and shows in its tables. */
const kinds: readonly (readonly [
  path: string,
  kind: string,
  shortNames: string,
  subresources: readonly string[],
  columns: string,
])[] = [
  [
    "/api/v1/persistentvolumes",
    "PersistentVolume",
    "pv",
    STATUS,
    "Name,Capacity,Access Modes,Reclaim Policy,Status,Claim,StorageClass,VolumeAttributesClass,Reason,Age,VolumeMode",
  ],
  [
    "/api/v1/persistentvolumeclaims",
    "PersistentVolumeClaim",
    "pvc",
    STATUS,
    "Name,Status,Volume,Capacity,Access Modes,StorageClass,VolumeAttributesClass,Age,VolumeMode",
  ],
  ["/api/v1/endpoints", "Endpoints", "ep", [], "Name,Endpoints,Age"],
  ["/api/v1/resourcequotas", "ResourceQuota", "quota", STATUS, "Name,Request,Limit,Age"],
  ["/api/v1/limitranges", "LimitRange", "limits", [], "Name,Created At"],
  [
    "/api/v1/replicationcontrollers",
    "ReplicationController",
    "rc",
    STATUS,
    "Name,Desired,Current,Ready,Age,Containers,Images,Selector",
  ],
  ["/api/v1/podtemplates", "PodTemplate", "", [], "Name,Containers,Images,Pod Labels"],
  ["/apis/apps/v1/controllerrevisions", "ControllerRevision", "", [], "Name,Controller,Revision,Age"],
  [
    "/apis/policy/v1/poddisruptionbudgets",
    "PodDisruptionBudget",
    "pdb",
    STATUS,
    "Name,Min Available,Max Unavailable,Allowed Disruptions,Age",
  ],
  [
    "/apis/autoscaling/v2/horizontalpodautoscalers",
    "HorizontalPodAutoscaler",
    "hpa",
    STATUS,
    "Name,Reference,Targets,MinPods,MaxPods,Replicas,Age",
  ],
  [
    "/apis/discovery.k8s.io/v1/endpointslices",
    "EndpointSlice",
    "",
    [],
    "Name,AddressType,Ports,Endpoints,Age",
  ],
  [
    "/apis/storage.k8s.io/v1/storageclasses",
    "StorageClass",
    "sc",
    [],
    "Name,Provisioner,ReclaimPolicy,VolumeBindingMode,AllowVolumeExpansion,Age",
  ],
  ["/apis/networking.k8s.io/v1/ingressclasses", "IngressClass", "", [], "Name,Controller,Parameters,Age"],
  [
    "/apis/scheduling.k8s.io/v1/priorityclasses",
    "PriorityClass",
    "pc",
    [],
    "Name,Value,Global-Default,Age,PreemptionPolicy",
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "ValidatingWebhookConfiguration",
    "",
    [],
    "Name,Webhooks,Age",
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "MutatingWebhookConfiguration",
    "",
    [],
    "Name,Webhooks,Age",
  ],
];

const CLUSTER_SCOPED = /persistentvolumes|classes|configurations/;

describe("the built-in resources", () => {
  for (const [path, kind, shortNames, subresources, columns] of kinds) {
    it(`has ${kind}`, async () => {
      const { send } = await world();
      const root = path.slice(0, path.lastIndexOf("/"));
      const resource = path.slice(root.length + 1);
      const { resources } = (await send(`GET ${root}`)).json as unknown as {
        resources: { name: string; kind: string; namespaced: boolean; shortNames?: string[] }[];
      };
      const rows = resources.filter(({ name }) => name.split("/")[0] === resource);
      expect(rows.map(({ name }) => name)).toEqual([
        resource,
        ...subresources.map((subresource) => `${resource}/${subresource}`),
      ]);
      expect([rows[0]?.kind, rows[0]?.namespaced, rows[0]?.shortNames?.join() ?? ""]).toEqual([
        ...[kind, !CLUSTER_SCOPED.test(resource), shortNames],
      ]);
      const headers = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
      const table = (await send(`GET ${path}`, { headers })).json as unknown as {
        columnDefinitions: { name: string }[];
      };
      expect(table.columnDefinitions.map(({ name }) => name).join()).toBe(columns);
    });
  }

  const BUDGETS = "/apis/policy/v1/namespaces/t/poddisruptionbudgets";
  const CORE = "/api/v1/namespaces/t";
  const habits: [call: string, status: number, kind: string][] = [
    [`PUT ${CORE}/endpoints/new`, 201, "Endpoints"],
    [`PUT ${CORE}/limitranges/new`, 201, "LimitRange"],
    [`PUT ${CORE}/resourcequotas/new`, 404, "Status"],
    [`DELETE ${CORE}/persistentvolumeclaims/a`, 200, "PersistentVolumeClaim"],
    [`DELETE ${CORE}/resourcequotas/a`, 200, "ResourceQuota"],
    [`DELETE ${CORE}/limitranges/a`, 200, "Status"],
    [`PUT ${BUDGETS}/a`, 422, "Status"],
    [`PUT ${CORE}/resourcequotas/a`, 200, "ResourceQuota"],
  ];
  for (const [call, status, kind] of habits) {
    it(`answers ${call} with ${status} and a ${kind}`, async () => {
      const { send } = await world();
      const [method = "", path = ""] = call.split(" ");
      const name = path.slice(path.lastIndexOf("/") + 1);
      const body = { metadata: { name } };
      if (name === "a") await send(`POST ${path.slice(0, -2)}`, { body });
      const answer = await send(call, method === "PUT" ? { body } : {});
      expect([answer.status, answer.json.kind]).toEqual([status, kind]);
    });
  }

  it("lets a budget have a name that no other object may have", async () => {
    const { send } = await world();
    expect((await send(`POST ${BUDGETS}`, { body: { metadata: { name: "Bad_Name" } } })).status).toBe(201);
  });

  const generations: [path: string, object: object, change: object, generation: number | undefined][] = [
    ["/apis/scheduling.k8s.io/v1/priorityclasses", { value: 5 }, { description: "new" }, 1],
    ["/apis/networking.k8s.io/v1/ingressclasses", { spec: {} }, { spec: { controller: "c" } }, 2],
    ["/apis/discovery.k8s.io/v1/namespaces/t/endpointslices", {}, { metadata: { labels: { a: "b" } } }, 2],
    [
      "/apis/autoscaling/v2/namespaces/t/horizontalpodautoscalers",
      {},
      { spec: { maxReplicas: 2 } },
      undefined,
    ],
  ];
  for (const [path, object, body, generation] of generations) {
    it(`counts the generation of ${path} to ${generation}`, async () => {
      const { send } = await world();
      await send(`POST ${path}`, { body: { ...object, metadata: { name: "a" } } });
      const { json } = await send(`PATCH ${path}/a`, { type: MERGE_PATCH, body });
      expect(json.metadata.generation).toBe(generation);
    });
  }

  for (const { path, object, status, cells } of SHOWN_OBJECTS) {
    it(`shows of a ${path.slice(path.lastIndexOf("/") + 1)}: ${cells.join("|")}`, async () => {
      const { send } = await world();
      await send(`POST ${path}`, { body: { ...object, metadata: { name: "a", ...object.metadata } } });
      if (status) await send(`PATCH ${path}/a/status`, { type: MERGE_PATCH, body: { status } });
      const headers = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
      const table = (await send(`GET ${path}/a`, { headers })).json as unknown as {
        rows: { cells: unknown[] }[];
      };
      expect(table.rows[0]?.cells.map(withoutTime)).toEqual(cells);
    });
  }
});

function withoutTime(cell: unknown): unknown {
  return typeof cell === "string" && /^(0s|\d{4}-\d\d-\d\dT.*Z)$/.test(cell) ? SOME_TIME : cell;
}
