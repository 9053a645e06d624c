import fc from "fast-check";
import type { Kind } from "../kinds.ts";
import type { Step } from "../step.ts";
import { among, weighted } from "./weighted.ts";

const JSON_TYPE = "application/json";
const BODIES = [
  "",
  "[]",
  "null",
  '"x"',
  "1",
  "{}",
  '{"metadata":[]}',
  '{"metadata":{"name":"d","labels":{"a":1}}}',
];
const TYPES = [
  JSON_TYPE,
  "",
  "text/plain",
  `${JSON_TYPE}; charset=utf-8`,
  "application/merge-patch+json",
  "application/json-patch+json",
  "application/apply-patch+yaml",
  "application/x-unknown",
];

/** A request with a body, a media type, a method or a path that does not go with the rest. */
export function mistake(kind: Kind): fc.Arbitrary<Step> {
  return weighted<Step>([kind.whole ? 3 : 0, badBody(kind)], [2, badPath(kind)]);
}

function badBody({ path }: Kind): fc.Arbitrary<Step> {
  return fc
    .tuple(
      among("POST", "PUT", "PATCH", "DELETE"),
      among(...BODIES),
      weighted([3, JSON_TYPE], [2, among(...TYPES)]),
    )
    .map(([method, body, type]): Step => {
      const to = method === "POST" ? path : `${path}/a`;
      return { method, path: to, ...(type !== "" && { headers: { "content-type": type } }), body };
    });
}

function badPath(kind: Kind): fc.Arbitrary<Step> {
  const { path, resource, apiVersion, whole, custom } = kind;
  const elsewhere = path.replace("<namespace>", "elsewhere");
  const group = apiVersion === "v1" ? "/api" : `/apis/${apiVersion.split("/")[0]}`;
  const paths = [
    `${path}/a/nothing`,
    `${path}s`,
    `${elsewhere}/a`,
    elsewhere,
    `${group}/v9/${resource}`,
    "/apis/nothing.example.com/v1/things",
    `${path}/`,
    `${path}/a/`,
    path,
    `${path}/a`,
    path.replace("/namespaces/<namespace>", ""),
    `${path.replace("/namespaces/<namespace>", "")}/a`,
  ];
  return (
    fc
      .tuple(among(...paths), weighted([4, "GET"], [1, among("POST", "PUT", "PATCH", "DELETE")]))
      // What is in all namespaces is not this sequence's alone.
      .filter(([to, method]) =>
        method === "GET" ? !isEverywhere(to, kind) : whole && !(custom && method === "POST"),
      )
      .map(([to, method]): Step => {
        if (method === "GET") return { method, path: to };
        return {
          method,
          path: to,
          headers: { "content-type": method === "PATCH" ? "application/merge-patch+json" : JSON_TYPE },
          body: '{"metadata":{"name":"a"}}',
        };
      })
  );
}

/** Whether a list there shows what other sequences made. */
function isEverywhere(path: string, { path: collection, prefix }: Kind): boolean {
  const everywhere = collection.replace("/namespaces/<namespace>", "");
  return path === everywhere || (prefix !== "" && path === `${collection}/`);
}
