import type { World } from "../world.ts";

/** One connection at most for each identifier, and for those only that somebody needs or asks for. */
export function needlessStream({ transport, dependencies }: World): string | undefined {
  const seen = new Set<string>();
  for (const { stream } of transport.openStreams) {
    if (seen.has(stream)) return `${stream} is watched twice`;
    seen.add(stream);
  }
  if (seen.size === 0) return undefined;
  const needed = new Set<string>();
  for (const watcher of dependencies.watchers) {
    for (const { stream } of dependencies.possible(watcher)) needed.add(stream);
  }
  const needless = [...seen].find((stream) => !needed.has(stream));
  return needless && `${needless} is watched, and nobody needs it`;
}
