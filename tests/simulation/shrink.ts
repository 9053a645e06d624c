/** What is left of a list, and how many tries that took. */
export interface Shrunk<T> {
  readonly list: readonly T[];
  readonly tries: number;
}

/**
 * Takes away members as long as what is left still fails: halves first, then ever smaller parts, then each one again
 * until none can go (delta debugging). Ends early after `mostTries`.
 */
export async function shrink<T>(
  list: readonly T[],
  { fails, mostTries }: { fails: (list: readonly T[]) => Promise<boolean>; mostTries: number },
): Promise<Shrunk<T>> {
  let left = list;
  let tries = 0;
  let size = Math.ceil(left.length / 2);
  while (size >= 1) {
    const before = left.length;
    for (let at = 0; at < left.length && tries < mostTries; ) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      tries += 1;
      if (await fails(without)) left = without;
      else at += size;
    }
    if (tries >= mostTries || (size === 1 && left.length === before)) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return { list: left, tries };
}
