import { isGivenUp, type Run } from "../reconciles.ts";
import { isObjectCause } from "../told.ts";
import type { World } from "../world.ts";

/** How many causes a watcher is told at most. */
const MOST_CAUSES = 100;

/** A run that begins is alone of its watcher. */
export function besideAnother({ reconciles }: World, { watcher }: Run): string | undefined {
  const other = reconciles.underWay.some((run) => run.watcher === watcher);
  return other ? `two reconciles of ${watcher} at once` : undefined;
}

/** A watcher that was removed, as by a stop, does not run again before somebody asks for it. */
export function afterRemoval(world: World, { watcher, startedAt }: Run): string | undefined {
  const removedAt = world.forgottenAt(watcher);
  if (startedAt < removedAt || (world.askedAt.get(watcher) ?? 0) >= removedAt) return undefined;
  return `${watcher} is reconciled after its removal`;
}

/** A run has causes, and those that tell of a change tell of one, in an identifier that somebody watches. */
export function dishonestCause(world: World, { watcher, causes, causesDropped }: Run): string | undefined {
  if (causes.length === 0) return `a reconcile of ${watcher} has no cause`;
  if (causesDropped && causes.length < MOST_CAUSES)
    return `${watcher} is told of ${causes.length} causes only`;
  for (const cause of causes.filter(isObjectCause)) {
    const { type, before, after } = cause;
    const fits = {
      ADDED: after !== undefined && before === undefined,
      MODIFIED: after?.uid === before?.uid && after?.resourceVersion !== before?.resourceVersion,
      DELETED: before !== undefined && after === undefined,
    };
    if (!fits[type]) return `${watcher} is told ${type} from ${text(before)} to ${text(after)}`;
    if (!world.watchedOf(cause.watched)) return `${watcher} is told of what nobody watches`;
  }
  return undefined;
}

/** Never more runs at once than are allowed, but for those that took too long. */
export function tooManyRuns({ reconciles, schedule }: World): string | undefined {
  const running = reconciles.underWay.filter((run) => !isGivenUp(run)).length;
  return running > schedule.settings.maxConcurrentReconciles ? `${running} reconciles at once` : undefined;
}

function text(object: { uid: string; resourceVersion: string } | undefined): string {
  return object ? `${object.uid}@${object.resourceVersion}` : "nothing";
}
