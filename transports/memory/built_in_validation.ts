import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { forbiddenValue, invalidValue, requiredValue, tooLongValue } from "./field_cause.ts";
import { isSame } from "./same_value.ts";
import type { InvalidCause } from "./status_error.ts";

const LONGEST_KEY = 253;
const MOST_BYTES = 1024 * 1024;
const SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name";
const IMMUTABLE = "field is immutable when `immutable` is set";
const LIKE_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  " +
  "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
/** The keys that Secrets of a type must have, beside those of which one is enough. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
};
const BASIC_AUTH_KEYS = ["username", "password"];
const utf8 = new TextEncoder();

/** What is wrong with a ConfigMap beside its metadata; `old` is what it was before an update. */
export function configMapCauses(object: KubernetesObject, old?: KubernetesObject): InvalidCause[] {
  const [data, binaryData] = [mapOf(object.data), mapOf(object.binaryData)];
  const duplicate = "duplicate of key present in binaryData";
  const texts = Object.entries(data).flatMap(([key]) => [
    ...keyCauses("data", key),
    ...(key in binaryData ? [invalidValue(`data[${key}]`, key, duplicate)] : []),
  ]);
  const binaries = Object.keys(binaryData).flatMap((key) => keyCauses("binaryData", key));
  const isTooLong =
    sizeOf(data, (text) => utf8.encode(text).length) + sizeOf(binaryData, decodedLength) > MOST_BYTES;
  return [
    ...immutableCauses(["data", "binaryData"], { object, old }),
    ...texts,
    ...binaries,
    ...(isTooLong ? [tooLongValue("", MOST_BYTES)] : []),
  ];
}

/** What is wrong with a Secret beside its metadata; `old` is what it was before an update. */
export function secretCauses(object: KubernetesObject, old?: KubernetesObject): InvalidCause[] {
  const data = mapOf(object.data);
  const isOtherType = old !== undefined && old.type !== object.type;
  return [
    ...(isOtherType ? [invalidValue("type", object.type, "field is immutable")] : []),
    ...immutableCauses(["data"], { object, old }),
    ...Object.keys(data).flatMap((key) => keyCauses("data", key)),
    ...(sizeOf(data, decodedLength) > MOST_BYTES ? [tooLongValue("data", MOST_BYTES)] : []),
    ...missingKeys(object, data).map((key) => requiredValue(`data[${key}]`)),
    ...accountCauses(object),
  ];
}

/** What is wrong with a Lease beside its metadata. */
export function leaseCauses({ spec }: KubernetesObject): InvalidCause[] {
  const { leaseDurationSeconds: duration = 1, leaseTransitions: transitions = 0 } = isJsonObject(spec)
    ? spec
    : {};
  return [
    ...(Number(duration) > 0
      ? []
      : [invalidValue("spec.leaseDurationSeconds", duration, "must be greater than 0")]),
    ...(Number(transitions) >= 0
      ? []
      : [invalidValue("spec.leaseTransitions", transitions, "must be greater than or equal to 0")]),
  ];
}

function immutableCauses(
  fields: readonly string[],
  { object, old }: { object: KubernetesObject; old: KubernetesObject | undefined },
): InvalidCause[] {
  if (old?.immutable !== true) return [];
  const changed = fields.filter((field) => !isSame(mapOf(object[field]), mapOf(old[field])));
  return [...(object.immutable === true ? [] : ["immutable"]), ...changed].map((field) =>
    forbiddenValue(field, IMMUTABLE),
  );
}

function keyCauses(field: string, key: string): InvalidCause[] {
  const problems = [
    ...(key.length > LONGEST_KEY ? [`must be no more than ${LONGEST_KEY} characters`] : []),
    ...(/^[-._a-zA-Z0-9]+$/.test(key) ? [] : [LIKE_KEY]),
    ...pathProblems(key),
  ];
  return problems.map((problem) => invalidValue(`${field}[${key}]`, key, problem));
}

function pathProblems(key: string): string[] {
  if (key === ".") return ["must not be '.'"];
  if (key === "..") return ["must not be '..'"];
  return key.startsWith("..") ? ["must not start with '..'"] : [];
}

function missingKeys({ type }: KubernetesObject, data: JsonObject): readonly string[] {
  if (type === "kubernetes.io/basic-auth")
    return BASIC_AUTH_KEYS.some((key) => key in data) ? [] : BASIC_AUTH_KEYS;
  if (type === "kubernetes.io/ssh-auth") return data["ssh-privatekey"] ? [] : ["ssh-privatekey"];
  return (SECRET_KEYS[String(type)] ?? []).filter((key) => !(key in data));
}

function accountCauses({ type, metadata }: KubernetesObject): InvalidCause[] {
  const isMissing =
    type === "kubernetes.io/service-account-token" && !metadata?.annotations?.[SERVICE_ACCOUNT_NAME];
  return isMissing ? [requiredValue(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`)] : [];
}

function mapOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function sizeOf(map: JsonObject, length: (text: string) => number): number {
  return Object.values(map).reduce((size: number, value) => size + length(String(value)), 0);
}

function decodedLength(base64: string): number {
  return (base64.replace(/=+$/, "").length * 3) >> 2;
}
