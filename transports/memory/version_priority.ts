const RELEASE = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const STAGES = ["alpha", "beta"];

/** Orders the versions of a group by preference: v2, v1, v2beta1, v1alpha3, and last the names that are no such thing. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [priority(a), priority(b)];
  for (const [index, rank] of left.entries()) {
    const difference = (right[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}

/** Stage, major and minor; the higher the better. */
function priority(version: string): [stage: number, major: number, minor: number] {
  const [isRelease, major = "0", stage = "", minor = "0"] = RELEASE.exec(version) ?? [];
  if (!isRelease) return [-1, 0, 0];
  return [stage === "" ? STAGES.length : STAGES.indexOf(stage), Number(major), Number(minor)];
}
