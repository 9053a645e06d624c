import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { fieldOfEach, labelsAt, listAt, NONE, selectorAt, textAt, valueAt } from "./cells.ts";
import { AGE, type Column, column, NAME, wide } from "./table.ts";

/** How many endpoints and ports a cell shows. */
const MOST_SHOWN = 3;

/** The columns of what is reached over the network, by group and resource. */
export const NETWORK_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  "/services": [
    NAME,
    column("Type", (object) => textAt(object, "spec.type")),
    column("Cluster-IP", (object) => textAt(object, "spec.clusterIP", NONE)),
    column("External-IP", externalIp),
    column("Port(s)", (object) => listAt(object, "spec.ports").map(portText).join(",") || NONE),
    AGE,
    wide("Selector", (object) => labelsAt(object, "spec.selector")),
  ],
  "/endpoints": [
    NAME,
    column("Endpoints", (object) => shown(listAt(object, "subsets").flatMap(subsetAddresses), NONE)),
    AGE,
  ],
  "discovery.k8s.io/endpointslices": [
    NAME,
    column("AddressType", (object) => textAt(object, "addressType")),
    column("Ports", (object) => shown(listAt(object, "ports").map(slicePort), "<unset>")),
    column("Endpoints", (object) =>
      shown(
        listAt(object, "endpoints").flatMap(({ addresses }) => addresses ?? []),
        "<unset>",
      ),
    ),
    AGE,
  ],
  "networking.k8s.io/ingresses": [
    NAME,
    column("Class", (object) => textAt(object, "spec.ingressClassName", NONE)),
    column("Hosts", (object) => fieldOfEach(listAt(object, "spec.rules"), "host").join(",") || "*"),
    column("Address", (object) => balancerAddresses(object).join(",")),
    column("Ports", (object) => (listAt(object, "spec.tls").length > 0 ? "80, 443" : "80")),
    AGE,
  ],
  "networking.k8s.io/ingressclasses": [
    NAME,
    column("Controller", (object) => textAt(object, "spec.controller")),
    column("Parameters", parameters),
    AGE,
  ],
  "networking.k8s.io/networkpolicies": [
    NAME,
    column("Pod-Selector", (object) => selectorAt(object, "spec.podSelector", NONE)),
    AGE,
  ],
};

function externalIp(service: KubernetesObject): string {
  const given = valueAt(service, "spec.externalIPs");
  const external = Array.isArray(given) ? given.map(String) : [];
  switch (textAt(service, "spec.type")) {
    case "ExternalName":
      return textAt(service, "spec.externalName");
    case "LoadBalancer":
      return [...balancerAddresses(service), ...external].join(",") || "<pending>";
    case "ClusterIP":
    case "NodePort":
      return external.join(",") || NONE;
    default:
      return "<unknown>";
  }
}

function portText({ port, nodePort, protocol = "TCP" }: JsonObject): string {
  return `${nodePort ? `${port}:${nodePort}` : port}/${protocol}`;
}

function balancerAddresses(object: KubernetesObject): string[] {
  return listAt(object, "status.loadBalancer.ingress").map(({ ip, hostname }) => String(ip ?? hostname));
}

/** Each address of a subset with each of its ports. */
function subsetAddresses({ addresses, ports }: JsonObject): string[] {
  const ips = Array.isArray(addresses) ? addresses.filter(isJsonObject).map(({ ip }) => String(ip)) : [];
  if (!Array.isArray(ports) || ports.length === 0) return ips;
  return ports.filter(isJsonObject).flatMap(({ port }) => ips.map((ip) => `${ip}:${port}`));
}

function slicePort({ name, port }: JsonObject): string {
  return port === undefined || port === null ? String(name ?? "") : String(port);
}

function shown(values: readonly unknown[], absent: string): string {
  if (values.length === 0) return absent;
  const text = values.slice(0, MOST_SHOWN).join(",");
  return values.length > MOST_SHOWN ? `${text} + ${values.length - MOST_SHOWN} more...` : text;
}

function parameters(ingressClass: KubernetesObject): string {
  const given = valueAt(ingressClass, "spec.parameters");
  if (!isJsonObject(given)) return NONE;
  const { apiGroup, kind, name } = given;
  return `${kind}${apiGroup ? `.${apiGroup}` : ""}/${name}`;
}
