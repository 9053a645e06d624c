/** The media type by which an answer is asked for in another form. */
export function as(kind: string, { version = "v1" } = {}): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=${version}`;
}

export const TABLE = as("Table");
export const METADATA = as("PartialObjectMetadata");
export const METADATA_LIST = as("PartialObjectMetadataList");

/** Headers that accept one media type, or several. */
export function accept(...types: readonly string[]): { accept: string } {
  return { accept: types.join(",") };
}

/** A Status of failure as it is written for clients that take no other form of it: for people, without a newline. */
export function prettyFailure(
  code: number,
  fields: { message: string; reason?: string; details?: object },
): string {
  const { message, reason, details } = fields;
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message };
  return JSON.stringify({ ...status, reason, details, code }, undefined, 2);
}
