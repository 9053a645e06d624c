import type { ControlPlane } from "../fixtures/control_plane.ts";
import type { ChaosWorld, ChaosWorldOptions } from "./chaos_world.ts";

/** Something that goes wrong while a DynamicWatcher is at work. */
export interface ChaosCase {
  readonly name: string;
  /** What is done, in the words of the table. */
  readonly done: string;
  /** Whether it does something to the server itself: no other case may run on it at the same time. */
  readonly wantsServerAlone: boolean;
  /** What the world is to be like. */
  prepare?(controlPlane: ControlPlane): Promise<ChaosWorldOptions>;
  /** Lets it happen, and heals it: by then, or since `world.heal()`, all works again. Somebody writes all the while. */
  strike(world: ChaosWorld): Promise<void>;
  /** Why the case did nothing, if so. Asked after the recovery; `strike` throws where it knows by itself. */
  findIdle?(world: ChaosWorld): string | undefined;
}

/** For checks. */
export function assertThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
