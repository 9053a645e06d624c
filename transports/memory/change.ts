import type { ApiResource } from "./api_resource.ts";
import type { EventForm } from "./forms.ts";
import { watchFrame } from "./json_text.ts";
import { type ObjectVersion, objectVersion, servedObject } from "./object_version.ts";

/** One write of one object: `before` is absent where it was created, `after` where it was removed. */
export interface ChangeFields {
  readonly revision: number;
  readonly before?: ObjectVersion | undefined;
  readonly after?: ObjectVersion | undefined;
}

/** How one watch sees changes: of which objects, and in which version and form. */
export interface Viewer {
  readonly resource: ApiResource;
  readonly form: EventForm;
  isIn(version: ObjectVersion): boolean;
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
   * It is made once for all watches of one served version and form.
   */
  frame({ resource, form, isIn }: Viewer): Uint8Array | undefined {
    const was = this.before !== undefined && isIn(this.before);
    const is = this.after !== undefined && isIn(this.after);
    if (is && this.after) return this.#frame(was ? "MODIFIED" : "ADDED", this.after, { resource, form });
    // What leaves a set is told as it was, at the revision at which it left, exactly like what is removed.
    if (!was || !this.before) return undefined;
    return this.#frame("DELETED", objectVersion(this.before.object, this.revision), { resource, form });
  }

  #frame(type: string, version: ObjectVersion, { resource, form }: Omit<Viewer, "isIn">): Uint8Array {
    const key = form.key === undefined ? undefined : `${type} ${resource.version} ${form.key}`;
    const known = key && this.#frames.get(key);
    if (known) return known;
    const frame = watchFrame(type, form.shown(servedObject(version, resource)));
    if (key) this.#frames.set(key, frame);
    return frame;
  }
}
