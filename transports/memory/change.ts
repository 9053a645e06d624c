import type { ApiResource } from "./api_resource.ts";
import { watchFrame } from "./json_text.ts";
import { type ObjectVersion, objectVersion, servedObject } from "./object_version.ts";

/** One write of one object: `before` is absent where it was created, `after` where it was removed. */
export interface ChangeFields {
  readonly revision: number;
  readonly before?: ObjectVersion | undefined;
  readonly after?: ObjectVersion | undefined;
}

/** A write in a collection's history, with the frames that tell it. */
export class Change implements ChangeFields {
  readonly revision: number;
  readonly before: ObjectVersion | undefined;
  readonly after: ObjectVersion | undefined;
  readonly #frames = new Map<string, Uint8Array>();

  constructor({ revision, before, after }: ChangeFields) {
    this.revision = revision;
    this.before = before;
    this.after = after;
  }

  /**
   * The frame of this change as a watch sees it whose set the object was or is in; undefined where it was in neither.
   * It is made once for all watches of one served version.
   */
  frame(resource: ApiResource, isIn: (version: ObjectVersion) => boolean): Uint8Array | undefined {
    const was = this.before !== undefined && isIn(this.before);
    const is = this.after !== undefined && isIn(this.after);
    if (is && this.after) return this.#frame(resource, was ? "MODIFIED" : "ADDED", this.after);
    // What leaves a set is told as it was, at the revision at which it left, exactly like what is removed.
    if (was && this.before)
      return this.#frame(resource, "DELETED", objectVersion(this.before.object, this.revision));
    return undefined;
  }

  #frame(resource: ApiResource, type: string, version: ObjectVersion): Uint8Array {
    const key = `${type} ${resource.version}`;
    const known = this.#frames.get(key);
    if (known) return known;
    const frame = watchFrame(type, servedObject(version, resource));
    this.#frames.set(key, frame);
    return frame;
  }
}
