const CONTINUE_TOO_OLD =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
  "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
  "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
  "deleted between the time the first chunk was returned and now may show up in the list.";

/** A Status of failure as the API server writes it. */
export function failure(
  code: number,
  { message, reason, details }: { message: string; reason?: string; details?: object },
): string {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message };
  return line({ ...status, reason, details, code });
}

/** A Status of 422 with its causes, each `[reason, field, message]`. What is found twice is said once. */
export function invalid(
  { group, kind, name }: { group?: string; kind: string; name?: string },
  causes: readonly (readonly [reason: string, field: string, message: string])[],
): string {
  const said = [...new Set(causes.map(([, field, message]) => `${field}: ${message}`))];
  const what = `${group === undefined ? kind : `${kind}.${group}`} "${name ?? ""}"`;
  return failure(422, {
    message: `${what} is invalid: ${said.length === 1 ? said[0] : `[${said.join(", ")}]`}`,
    reason: "Invalid",
    details: {
      ...{ name, group, kind },
      causes: causes.map(([reason, field, message]) => ({ reason, message, field })),
    },
  });
}

/** The Status of an expired continue token; its metadata have another. */
export const continueTooOld = failure(410, { message: CONTINUE_TOO_OLD, reason: "Expired" }).replace(
  '"metadata":{}',
  '"metadata":{"continue":"<continue>"}',
);

/** A watch frame, from the text of its object. */
export function frame(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

/** An ERROR frame, from a Status. */
export function errorFrame(status: string): string {
  return frame("ERROR", status.trimEnd());
}

/** A ConfigMap of the session's namespace; `uid` and `version` are the transcript's numbers. */
export function configMap(
  name: string,
  fields: { uid: number; version: number; labels?: object; data?: object },
): string {
  const { uid, version, labels, data } = fields;
  const metadata = {
    ...{ name, namespace: "<namespace>", uid: `<uid ${uid}>`, resourceVersion: `<version ${version}>` },
    ...{ creationTimestamp: "<time>", labels },
  };
  return JSON.stringify({ kind: "ConfigMap", apiVersion: "v1", metadata, data });
}

/** JSON as the body of an answer, which ends with a newline. */
function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
