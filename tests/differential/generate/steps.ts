import type fc from "fast-check";
import type { Kind } from "../kinds.ts";
import type { Step } from "../step.ts";
import { among, weighted } from "./weighted.ts";

export const JSON_BODY = { "content-type": "application/json" };
export const MERGE_PATCH = { "content-type": "application/merge-patch+json" };

/** A step with a body. */
export function step(
  method: string,
  path: string,
  { body, headers = JSON_BODY }: { body: unknown; headers?: Record<string, string> },
): Step {
  return { method, path, headers, body: JSON.stringify(body) };
}

/** The resource version that a write names. */
export function askedVersion({ resource, prefix }: Kind, name: string): fc.Arbitrary<string | undefined> {
  const key = `${resource}/${keyOf(name, prefix)}`;
  return weighted<string | undefined>(
    [10, `<version of ${key}>`],
    [3, undefined],
    [2, `<old version of ${key}>`],
    [1, among("", "1", "99999999", "x", "0")],
  );
}

/** By what references name an object. */
export function keyOf(name: string, prefix: string): string {
  return name === "<generated>" ? "generated" : name.slice(prefix.length);
}
