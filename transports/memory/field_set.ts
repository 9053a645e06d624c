import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { comparePathElements, isPathElement, type PathElement } from "./path_element.ts";

interface FieldNode {
  /** Whether the path to here is in the set itself, and not only longer ones. */
  readonly isMember: boolean;
  readonly children: FieldSet;
}

/** A set of paths into an object. It never changes. */
export class FieldSet {
  readonly #nodes: ReadonlyMap<PathElement, FieldNode>;

  private constructor(nodes: ReadonlyMap<PathElement, FieldNode>) {
    this.#nodes = nodes;
  }

  /** The set of `paths`. */
  static of(paths: Iterable<readonly PathElement[]>): FieldSet {
    const branches = new Map<PathElement, { isMember: boolean; longer: (readonly PathElement[])[] }>();
    for (const [first, ...rest] of paths) {
      if (first === undefined) continue;
      const branch = branches.get(first) ?? { isMember: false, longer: [] };
      branches.set(first, branch);
      if (rest.length === 0) branch.isMember = true;
      else branch.longer.push(rest);
    }
    return new FieldSet(
      new Map(
        [...branches].map(([element, { isMember, longer }]) => [
          element,
          { isMember, children: longer.length === 0 ? NO_FIELDS : FieldSet.of(longer) },
        ]),
      ),
    );
  }

  /** The set that a `fieldsV1` writes; undefined where something in it is no path. */
  static parse(fieldsV1: unknown): FieldSet | undefined {
    if (!isJsonObject(fieldsV1)) return undefined;
    const nodes = new Map<PathElement, FieldNode>();
    for (const [key, inner] of Object.entries(fieldsV1)) {
      if (key === ".") continue;
      const children = FieldSet.parse(inner);
      if (children === undefined || !isPathElement(key)) return undefined;
      nodes.set(key, { isMember: children.isEmpty || (isJsonObject(inner) && "." in inner), children });
    }
    return nodes.size === 0 ? NO_FIELDS : new FieldSet(nodes);
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  /** The set as `fieldsV1` writes it. */
  format(): JsonObject {
    const entries = this.#sorted().map(([element, { isMember, children }]) => [
      element,
      isMember && !children.isEmpty ? { ".": {}, ...children.format() } : children.format(),
    ]);
    return Object.fromEntries(entries);
  }

  /** Its paths: those that end here, and then longer ones; each in order. */
  paths(): (readonly PathElement[])[] {
    const nodes = this.#sorted();
    const own = nodes.filter(([, { isMember }]) => isMember).map(([element]) => [element]);
    const longer = nodes.flatMap(([element, { children }]) =>
      children.paths().map((path) => [element, ...path]),
    );
    return [...own, ...longer];
  }

  has(element: PathElement): boolean {
    return this.#nodes.get(element)?.isMember ?? false;
  }

  /** What it has below an element. */
  below(element: PathElement): FieldSet {
    return this.#nodes.get(element)?.children ?? NO_FIELDS;
  }

  union(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return this.isEmpty ? other : this;
    return this.#combined(other, (here, there) => here || there);
  }

  intersection(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return NO_FIELDS;
    return this.#combined(other, (here, there) => here && there);
  }

  /** The paths that the other set has not; those below one of its paths stay. */
  difference(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return this;
    return this.#combined(other, (here, there) => here && !there);
  }

  /** The paths that are neither in the other set nor below one of its paths. */
  excluding(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    const nodes = [...this.#nodes]
      .filter(([element]) => !other.has(element))
      .map(([element, { isMember, children }]): [PathElement, FieldNode] => [
        element,
        { isMember, children: children.excluding(other.below(element)) },
      ]);
    return new FieldSet(new Map(nodes.filter(([, { isMember, children }]) => isMember || !children.isEmpty)));
  }

  /** The same with each path made longer or more, by what `grow` says of an element and the set below it. */
  grown(
    grow: (element: PathElement, node: { isMember: boolean; children: FieldSet }) => FieldNode,
  ): FieldSet {
    return new FieldSet(new Map([...this.#nodes].map(([element, node]) => [element, grow(element, node)])));
  }

  #combined(other: FieldSet, keep: (here: boolean, there: boolean) => boolean): FieldSet {
    if (this.isEmpty && other.isEmpty) return NO_FIELDS;
    const nodes = new Map<PathElement, FieldNode>();
    for (const element of new Set([...this.#nodes.keys(), ...other.#nodes.keys()])) {
      const isMember = keep(this.has(element), other.has(element));
      const children = this.below(element).#combined(other.below(element), keep);
      if (isMember || !children.isEmpty) nodes.set(element, { isMember, children });
    }
    return new FieldSet(nodes);
  }

  #sorted(): [PathElement, FieldNode][] {
    return [...this.#nodes].sort(([a], [b]) => comparePathElements(a, b));
  }
}

/** The set without a path. */
export const NO_FIELDS: FieldSet = FieldSet.of([]);
