/** All that was seen of a simulation, in order, as one number: two that differ anywhere have different ones. */
export class Trace {
  #hash = 0x811c9dc5;
  readonly #onLine: ((line: string) => void) | undefined;

  /** @param onLine is told each line, for those who want to read along */
  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(line: string): void {
    let hash = this.#hash;
    for (let at = 0; at < line.length; at += 1) hash = Math.imul(hash ^ line.charCodeAt(at), 0x01000193);
    this.#hash = Math.imul(hash ^ 0x0a, 0x01000193);
    this.#onLine?.(line);
  }

  get hash(): number {
    return this.#hash >>> 0;
  }
}
