import type { KubernetesObject } from "../../../../lib/kubernetes/object.ts";
import type { Transport, TransportHeaders } from "../../../../lib/protocol/transport.ts";
import {
  type MemoryApiServer,
  type MemoryApiServerOptions,
  memoryApiServer,
} from "../../../../transports/memory/mod.ts";

export const JSON_TYPE = "application/json";
export const JSON_PATCH = "application/json-patch+json";
export const MERGE_PATCH = "application/merge-patch+json";
export const CONFIG_MAPS = "/api/v1/namespaces/t/configmaps";
export const DEPLOYMENTS = "/apis/apps/v1/namespaces/t/deployments";

/** What a body may hold, typed loosely: a test reads what it expects, and fails where that is not there. */
export interface Body extends KubernetesObject {
  metadata: NonNullable<KubernetesObject["metadata"]> & { continue?: string; remainingItemCount?: number };
  items: Body[];
  message: string;
  reason: string;
  details: Record<string, unknown>;
}

/** An answer that was read to its end. */
export interface Exchange {
  status: number;
  headers: { get(name: string): string | null };
  text: string;
  json: Body;
}

/** What goes with a method and a path. A body that is no string is sent as JSON. */
export interface Sent {
  type?: string;
  body?: unknown;
  headers?: TransportHeaders;
  signal?: AbortSignal;
}

/** Sends one request and reads its answer to the end. */
export async function exchange(
  transport: Transport,
  call: string,
  { type = JSON_TYPE, body, headers = {}, signal }: Sent = {},
): Promise<Exchange> {
  const [method = "", path = ""] = call.split(" ");
  const response = await transport.request({
    method,
    path,
    headers: body === undefined ? headers : { "content-type": type, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json(): Body {
      return JSON.parse(text);
    },
  };
}

/** A server with the namespace "t", and a way to send it requests as the superuser. */
export async function world(options: MemoryApiServerOptions = {}): Promise<{
  server: MemoryApiServer;
  transport: Transport;
  send(call: string, sent?: Sent): Promise<Exchange>;
}> {
  const server = memoryApiServer({
    wallClock: () => new Date(Date.UTC(2026, 10, 22, 14, 5, 15, 123)),
    ...options,
  });
  await server.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "t" } });
  const transport = server.transport();
  return { server, transport, send: (call, sent) => exchange(transport, call, sent) };
}

/** A ConfigMap in "t" as one would write it. */
export function configMap(
  name: string,
  { labels, data }: { labels?: Record<string, string>; data?: Record<string, string> } = {},
): KubernetesObject {
  const metadata = { name, namespace: "t", ...(labels && { labels }) };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, ...(data && { data }) };
}

/** The definition of a kind in the group example.com. */
export function definition(
  kind: string,
  { scope = "Namespaced", versions = ["v1"], status = false } = {},
): KubernetesObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: "example.com",
      scope,
      names: { plural, kind },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        ...(status && { subresources: { status: {} } }),
      })),
    },
  };
}
