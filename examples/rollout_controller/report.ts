import type { Cause, ObjectCause, ObjectIdentifier } from "../../mod.ts";
import type { Reference } from "./references.ts";

/** What the controller did, and why; `trouble` is what the library would log. */
export type Report =
  | {
      readonly type: "watches";
      readonly deployment: ObjectIdentifier;
      readonly added: readonly Reference[];
      readonly dropped: readonly Reference[];
    }
  | { readonly type: "waits"; readonly deployment: ObjectIdentifier; readonly missing: readonly Reference[] }
  | {
      readonly type: "rollout";
      readonly deployment: ObjectIdentifier;
      readonly checksum: string;
      readonly causes: readonly Cause[];
    }
  | { readonly type: "current"; readonly deployment: ObjectIdentifier }
  | { readonly type: "released"; readonly deployment: ObjectIdentifier }
  | { readonly type: "trouble"; readonly message: string; readonly error: unknown };

/** Every write changes these; they explain nothing. */
const NOISE = /^\/(metadata\/(resourceVersion|generation)|status)(\/|$)/;
const MOST_PATHS = 5;

/** A report in one line. It names keys and never holds a value of a ConfigMap or Secret. */
export function formatReport(report: Report): string {
  switch (report.type) {
    case "watches": {
      const changes = [...report.added.map(withSign("+")), ...report.dropped.map(withSign("-"))];
      return `${formatPlace(report.deployment)} depends on: ${changes.join(", ")}`;
    }
    case "waits":
      return `${formatPlace(report.deployment)} waits for: ${report.missing.map(formatReference).join(", ")}`;
    case "rollout": {
      const why = formatCauses(report.causes).join("; ");
      return `${formatPlace(report.deployment)} rolls out with checksum ${report.checksum.slice(0, 8)} because: ${why}`;
    }
    case "current":
      return `${formatPlace(report.deployment)} is up to date`;
    case "released":
      return `${formatPlace(report.deployment)} is left alone from now on`;
    case "trouble":
      return report.error === undefined ? report.message : `${report.message}: ${messageOf(report.error)}`;
  }
}

/** Each cause in a few words, such as `Secret default/db MODIFIED: /data/password`. */
export function formatCauses(causes: readonly Cause[]): string[] {
  return causes.map((cause) => {
    switch (cause.type) {
      case "INITIAL":
        return `${formatPlace(cause.watched)} is watched now`;
      case "BLOCKED":
        return `${formatPlace(cause.watched)} cannot be watched: ${cause.error.message}`;
      case "RETRY":
        return `the last run failed: ${messageOf(cause.error)}`;
      case "REQUEUE":
      case "TRIGGER":
        return cause.type;
      default:
        return formatObjectCause(cause);
    }
  });
}

function formatObjectCause(cause: ObjectCause): string {
  const { kind } = cause.watched;
  const { namespace = "", name = "" } = cause.after ?? cause.before ?? {};
  const place = formatPlace({ ...cause.watched, kind, namespace, name });
  const paths = (cause.patch ?? []).map(({ path }) => path).filter((path) => !NOISE.test(path));
  if (paths.length === 0) return `${place} ${cause.type}`;
  const more = paths.length > MOST_PATHS ? ` and ${paths.length - MOST_PATHS} more` : "";
  return `${place} ${cause.type}: ${paths.slice(0, MOST_PATHS).join(", ")}${more}`;
}

function formatPlace({ kind, namespace, name, selector }: ObjectIdentifier): string {
  const object = name || `(${selector || "all"})`;
  return `${kind} ${namespace ? `${namespace}/${object}` : object}`;
}

function formatReference({ kind, name }: Reference): string {
  return `${kind} ${name}`;
}

function withSign(sign: "+" | "-"): (reference: Reference) => string {
  return (reference) => `${sign} ${formatReference(reference)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
