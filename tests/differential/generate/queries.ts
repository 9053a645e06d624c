import type fc from "fast-check";
import { among, sometimes, weighted } from "./weighted.ts";

const JSON_TYPE = "application/json";
const meta = (kind: string, version = "v1") => `${JSON_TYPE};as=${kind};g=meta.k8s.io;v=${version}`;

/** A query in the order of its parameters, with its question mark; "" where there is none. Values may be references. */
export function queryText(parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(String(value)).replace(/%3C(.*?)%3E/g, (_, inner) => `<${decodeURIComponent(inner)}>`)}`,
    );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** The query of a write. */
export function writeQuery(): fc.Arbitrary<Record<string, unknown>> {
  return sometimes(
    {
      dryRun: weighted<unknown>([9, "All"], [1, among("", "Some")]),
      fieldValidation: weighted<unknown>([9, among("Strict", "Warn", "Ignore")], [1, among("", "Other")]),
      fieldManager: weighted<unknown>([9, among("m1", "m2")], [1, among("", "m\u0007", "m".repeat(129))]),
      pretty: among("0", "true"),
    },
    12,
  );
}

/** The headers by which a client says what it takes. */
export function acceptHeader(isList: boolean): fc.Arbitrary<Record<string, string>> {
  const form = isList ? "PartialObjectMetadataList" : "PartialObjectMetadata";
  return weighted<string>(
    [24, ""],
    [2, JSON_TYPE],
    [1, "*/*"],
    [3, `${meta("Table")},${JSON_TYPE}`],
    [3, `${meta(form)},${JSON_TYPE}`],
    [1, meta("PartialObjectMetadata", "v1beta1")],
    [1, meta("PartialObjectMetadataList")],
    [1, meta("Table", "v1beta1")],
    [
      1,
      among(
        "text/html",
        `${meta("Nothing")}`,
        `${meta("Table", "v2")},${JSON_TYPE}`,
        `text/html,${JSON_TYPE};q=0.5`,
        "application/*",
      ),
    ],
  ).map((accept): Record<string, string> => (accept === "" ? {} : { accept }));
}

export function labelSelector(): fc.Arbitrary<string> {
  return weighted<string>(
    [
      12,
      among(
        "app=web",
        "app!=web",
        "app in (web,db)",
        "app notin (web)",
        "app",
        "!app",
        "tier=front,app=web",
        "example.com/x=1",
        "app=",
        "app==db",
      ),
    ],
    [
      1,
      among(
        "app in ()",
        "app>1",
        "a=1,a=2",
        "app=web,",
        " app = web ",
        "app in (web",
        "=",
        "app=a=b",
        "bad key=1",
        "app=not good",
        "app x",
        "!",
        "app in web",
        "app=web,,tier",
      ),
    ],
  );
}

export function fieldSelector(): fc.Arbitrary<string> {
  return weighted<string>(
    [
      8,
      among(
        "metadata.name=a",
        "metadata.name!=a",
        "metadata.namespace=<namespace>",
        "metadata.name==b",
        "metadata.name=a,metadata.namespace=<namespace>",
      ),
    ],
    [
      1,
      among(
        "spec.colour=red",
        "type=Opaque",
        "data.a=1",
        "spec.x=1",
        "metadata.name",
        "metadata.name=a=b",
        "metadata.name=a\\,b",
        ",",
        "=a",
        "metadata.name=a,,",
      ),
    ],
  );
}
