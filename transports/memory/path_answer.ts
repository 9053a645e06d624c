import { type Answer, jsonAnswer, type ServerRequest, textAnswer } from "./answer.ts";
import { discoveryAnswer } from "./discovery.ts";
import { OPEN_API_ROOT, openApiAnswer } from "./open_api.ts";
import type { RequestInfo } from "./request_info.ts";
import type { ResourceRegistry } from "./resource_registry.ts";
import { methodNotAllowed, PageNotFoundError } from "./status_error.ts";
import { written } from "./written_answer.ts";

const HEALTH_PATHS = ["/healthz", "/livez", "/readyz"];

/** The release whose answers this server gives. */
const VERSION = {
  major: "1",
  minor: "35",
  emulationMajor: "1",
  emulationMinor: "35",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "34",
  gitVersion: "v1.35.4",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "",
};

/** Answers paths that are no resource's: health, version, discovery and OpenAPI. */
export function pathAnswer(
  { method, path }: RequestInfo,
  { registry, request }: { registry: ResourceRegistry; request: ServerRequest },
): Answer {
  if (HEALTH_PATHS.includes(path)) return textAnswer("ok");
  const isDiscovery = /^\/apis?(?:\/|$)/.test(path);
  const isOpenApi = path === OPEN_API_ROOT || path.startsWith(`${OPEN_API_ROOT}/`);
  if (path !== "/version" && !isDiscovery && !isOpenApi) throw new PageNotFoundError();
  if (method !== "GET") throw methodNotAllowed();
  if (isOpenApi) return openApiAnswer(registry, path);
  return isDiscovery ? discoveryAnswer(registry, { path, request }) : versionAnswer();
}

/** Written for people, whoever asks. */
function versionAnswer(): Answer {
  return written(jsonAnswer(VERSION), { type: "application/json", pretty: true });
}
