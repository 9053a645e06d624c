/**
 * An API server in memory, for tests and demos: it answers like kube-apiserver, without a network.
 *
 * @module
 */

export type { Subresource } from "./api_resource.ts";
export type { AccessRequest } from "./authorization.ts";
export type { Verb } from "./request_info.ts";
export {
  MemoryApiServer,
  type MemoryApiServerOptions,
  memoryApiServer,
  type ReceivedRequest,
} from "./server.ts";
