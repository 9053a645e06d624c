import { ApiError, NoVersionedResourceError } from "../../../lib/kubernetes/errors.ts";
import type { Watched } from "../catalogue.ts";

/** A refusal of the moment does not count. */
const CONVINCING = 2;

/** Counts what was refused, to tell whether an identifier was blocked for a reason. */
export class Denials {
  readonly #counts = new Map<string, number>();

  see({ stream, status }: { stream: string; status: number }): void {
    if (status === 401 || status === 403) this.#counts.set(stream, (this.#counts.get(stream) ?? 0) + 1);
  }

  /** From now on a block needs new reasons. */
  forget(): void {
    this.#counts.clear();
  }

  /** Why the block of an identifier has no ground. */
  groundless(
    { text, stream, kind }: Watched,
    { error, wereGone }: { error: Error; wereGone: ReadonlySet<string> },
  ): string | undefined {
    if (error instanceof NoVersionedResourceError && wereGone.has(kind.kind)) return undefined;
    const isDenied = error instanceof ApiError && (error.status === 401 || error.status === 403);
    if (isDenied && (this.#counts.get(stream) ?? 0) >= CONVINCING) return undefined;
    return `${text}: ${error}`;
  }
}
