/**
 * An API server in memory, for tests and demos: it answers like kube-apiserver, without a network.
 *
 * @module
 */

export type { AdmissionHook, AdmissionRequest } from "./admission.ts";
export type { Subresource } from "./api_resource.ts";
export type { KnownUser, UserInfo } from "./authentication.ts";
export type { AccessRequest, ResourceAction } from "./authorization.ts";
export type { FetchFunction } from "./fetch_function.ts";
export { type ManualClock, manualClock } from "./manual_clock.ts";
export { MemoryApiServer, memoryApiServer, type ReceivedRequest } from "./server.ts";
export type { MemoryApiServerOptions } from "./server_options.ts";
