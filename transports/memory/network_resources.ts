import { type ResourceRow, WITH_STATUS } from "./resource_row.ts";

/** The kinds of networking.k8s.io. */
export const NETWORKING_ROWS: readonly ResourceRow[] = [
  {
    kind: "IngressClass",
    resource: "ingressclasses",
    namespaced: false,
    fields: ["spec"],
    counted: ({ spec }) => spec,
    zero: { spec: {} },
  },
  {
    kind: "Ingress",
    resource: "ingresses",
    shortNames: ["ing"],
    ...WITH_STATUS,
    zero: { spec: {}, status: { loadBalancer: {} } },
  },
  {
    kind: "NetworkPolicy",
    resource: "networkpolicies",
    shortNames: ["netpol"],
    counted: ({ spec }) => spec,
    zero: { spec: { podSelector: {} } },
  },
];

/** The kinds of discovery.k8s.io. */
export const DISCOVERY_ROWS: readonly ResourceRow[] = [
  {
    kind: "EndpointSlice",
    resource: "endpointslices",
    fields: ["addressType", "endpoints", "ports"],
    counted: ({ metadata, addressType, endpoints, ports }) => [
      ...[metadata?.labels, addressType, endpoints, ports],
    ],
    zero: { addressType: "", endpoints: null, ports: null },
  },
];
