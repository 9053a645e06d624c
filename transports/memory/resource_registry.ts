import type { ApiResource } from "./api_resource.ts";
import { compareVersions } from "./version_priority.ts";

type GroupVersion = Pick<ApiResource, "group" | "version">;

/** Which resources are served: the built-in ones, and those that come and go with their definitions. */
export class ResourceRegistry {
  readonly #groups = new Map<string, ApiResource[]>();

  constructor(builtIn: readonly ApiResource[]) {
    this.add(builtIn);
  }

  /** The groups, in the order in which they came. */
  get groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  /** What a group serves, by version; the preferred version comes first. */
  versions(group: string): ReadonlyMap<string, readonly ApiResource[]> {
    const versions = new Map<string, ApiResource[]>();
    for (const resource of this.#groups.get(group) ?? []) {
      const resources = versions.get(resource.version);
      if (resources) resources.push(resource);
      else versions.set(resource.version, [resource]);
    }
    return new Map([...versions].sort(([a], [b]) => compareVersions(a, b)));
  }

  find({ group, version, resource }: GroupVersion & { resource: string }): ApiResource | undefined {
    return this.#groups.get(group)?.find((row) => row.resource === resource && row.version === version);
  }

  findKind({ group, version, kind }: GroupVersion & { kind: string }): ApiResource | undefined {
    return this.#groups.get(group)?.find((row) => row.kind === kind && row.version === version);
  }

  /** Whether the group is one of the API server itself, and not of definitions. */
  isBuiltIn(group: string): boolean {
    return this.#groups.get(group)?.some(({ custom }) => !custom) ?? false;
  }

  add(resources: readonly ApiResource[]): void {
    for (const resource of resources) {
      const rows = this.#groups.get(resource.group);
      if (rows) rows.push(resource);
      else this.#groups.set(resource.group, [resource]);
    }
  }

  /** Takes away all versions of a resource. */
  remove({ group, resource }: Pick<ApiResource, "group" | "resource">): void {
    const rows = (this.#groups.get(group) ?? []).filter((row) => row.resource !== resource);
    if (rows.length > 0) this.#groups.set(group, rows);
    else this.#groups.delete(group);
  }
}
