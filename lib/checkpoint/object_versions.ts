/** The place, uid and resource version of an object, as a store has them. */
export type ObjectVersion = readonly [key: string, uid: string, resourceVersion: string];

/** Four items for each object: how much of the key before it shares, the rest of its key, its uid, its version. */
export type PackedVersions = (string | number)[];

/** What many versions have in common: the key that they begin like, and the version that they are near. */
export interface PackingBase {
  readonly key: string;
  readonly resourceVersion: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Before a uid that stands as it is; no base64 text begins with it. */
const PLAIN = "=";
/** Without the padding, 16 bytes in base64. */
const PACKED_UUID_LENGTH = 22;

/** Writes the versions in few bytes: keys without what they share, uids in base64, resource versions as differences. */
export function packVersions(versions: Iterable<ObjectVersion>, base: PackingBase): PackedVersions {
  let previous = base.key;
  return [...versions].sort(byKey).flatMap(([key, uid, resourceVersion]) => {
    const shared = sharedLength(previous, key);
    previous = key;
    return [shared, key.slice(shared), packUid(uid), packNumber(resourceVersion, base)];
  });
}

/**
 * What was packed with the same base.
 *
 * @throws RangeError, TypeError or DOMException for what was not packed by `packVersions`
 */
export function unpackVersions(packed: PackedVersions, base: PackingBase): ObjectVersion[] {
  let previous = base.key;
  return Array.from({ length: packed.length / 4 }, (_, index) => {
    const [shared, rest, uid, version] = packed.slice(index * 4, index * 4 + 4);
    if (typeof shared !== "number" || typeof uid !== "string" || version === undefined) {
      throw new TypeError("it is no packed version");
    }
    previous = previous.slice(0, shared) + rest;
    return [previous, unpackUid(uid), unpackNumber(version, base)];
  });
}

function byKey([a]: ObjectVersion, [b]: ObjectVersion): number {
  return a < b ? -1 : 1;
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

function packUid(uid: string): string {
  if (!UUID.test(uid)) return PLAIN + uid;
  const bytes = uid
    .replaceAll("-", "")
    .replace(/../g, (hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return btoa(bytes).slice(0, PACKED_UUID_LENGTH);
}

function unpackUid(packed: string): string {
  if (packed.startsWith(PLAIN)) return packed.slice(PLAIN.length);
  const hex = Array.from(atob(packed), (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Versions that a number holds exactly become the distance to the base. */
function packNumber(version: string, { resourceVersion }: PackingBase): string | number {
  const number = Number(version);
  return isExact(version) ? baseNumber(resourceVersion) - number : version;
}

function unpackNumber(packed: string | number, { resourceVersion }: PackingBase): string {
  return typeof packed === "number" ? String(baseNumber(resourceVersion) - packed) : packed;
}

function baseNumber(version: string): number {
  return isExact(version) ? Number(version) : 0;
}

function isExact(version: string): boolean {
  const number = Number(version);
  return Number.isSafeInteger(number) && number >= 0 && String(number) === version;
}
