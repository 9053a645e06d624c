import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { isSame } from "./same_value.ts";

/** When the API server looks: at a body as it came, or at an object that is about to be written. */
type Moment = "as it came" | "when written";

/** The object with each owner once; what is taken away is warned of. */
export function withOwnersOnce(
  object: KubernetesObject,
  { warnings, moment }: { warnings: string[]; moment: Moment },
): KubernetesObject {
  const owners: readonly unknown[] = object.metadata?.ownerReferences ?? [];
  const isAgain = (owner: unknown, index: number) =>
    owners.slice(0, index).some((earlier) => isSame(earlier, owner));
  const again = owners.filter(isAgain);
  if (again.length === 0) return object;
  const uids = again.map((owner) => (isJsonObject(owner) ? owner.uid : "")).join(", ");
  const when = moment === "as it came" ? "" : " after mutating admission happens";
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may ` +
      `reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}`,
  );
  const ownerReferences = owners.filter((owner, index) => !isAgain(owner, index));
  return { ...object, metadata: { ...object.metadata, ownerReferences } } as KubernetesObject;
}
