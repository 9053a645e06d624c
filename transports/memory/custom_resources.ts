import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Cluster } from "./call.ts";
import type { Change } from "./change.ts";
import type { Collection } from "./collection.ts";
import {
  customResources,
  DEFINITIONS,
  establishedStatus,
  storageVersion,
} from "./custom_resource_definition.ts";
import { deleteVersion } from "./delete.ts";
import { ownedObject } from "./field_manager.ts";
import { BUILT_IN_TYPE } from "./field_type.ts";
import { arranged, type ObjectVersion } from "./object_version.ts";
import { ownWriter, timestamp } from "./write.ts";

/** The controller of CustomResourceDefinitions: serves their kinds while they are there. */
export class CustomResources {
  readonly #cluster: Cluster;
  readonly #definitions: Collection;
  readonly #observed = new Set<Collection>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#definitions = cluster.store.collection(DEFINITIONS);
    this.#definitions.observe((change) => this.#definitionChanged(change));
  }

  #definitionChanged({ before, after }: Change): void {
    if (!after) return;
    if (!before) this.#establish(after);
    else if (after.object.metadata?.deletionTimestamp !== before.object.metadata?.deletionTimestamp) {
      this.#terminate(after);
    } else if (after.object.metadata?.generation !== before.object.metadata?.generation) {
      this.#serve(after);
    }
  }

  #establish(definition: ObjectVersion): void {
    this.#serve(definition);
    const cluster = this.#cluster;
    const live = definition.object as KubernetesObject;
    const next = { ...live, status: establishedStatus(definition.object, timestamp(cluster)) };
    const resource = { ...DEFINITIONS, version: "v1" };
    const writer = ownWriter({ cluster, resource }, { subresource: "status" });
    const object = ownedObject({ type: BUILT_IN_TYPE, writer, live }, { next, asked: undefined });
    cluster.store.put(this.#definitions, { before: definition, object });
  }

  /** Serves what the definition now says. Whoever watches is sent away, and no older version can be asked for. */
  #serve(definition: ObjectVersion): void {
    const { store } = this.#cluster;
    const resources = this.#register(definition);
    const instances = this.#instancesOf(definition);
    instances.compact(store.revision);
    const stored = resources.find(({ version }) => version === storageVersion(definition.object));
    const { schema } = stored ?? {};
    if (stored && schema) instances.restate((object) => arranged(schema.admitted(object).object, stored));
    instances.close();
    if (this.#observed.has(instances)) return;
    this.#observed.add(instances);
    instances.observe(({ after }) => {
      if (!after) this.#finish(definition.key);
    });
  }

  /** Deletes the objects; the definition goes with the last of them. */
  #terminate(definition: ObjectVersion): void {
    const [resource] = this.#register(definition);
    const collection = this.#instancesOf(definition);
    if (resource) {
      const cluster = this.#cluster;
      const writer = ownWriter({ cluster, resource });
      const scope = { cluster, resource, collection, namespace: "", dryRun: false, writer };
      for (const before of collection.values()) deleteVersion(scope, { before });
    }
    this.#finish(definition.key);
  }

  #finish(key: string): void {
    const definition = this.#definitions.get(key);
    if (definition?.object.metadata?.deletionTimestamp === undefined) return;
    const instances = this.#instancesOf(definition);
    if (instances.size > 0) return;
    this.#cluster.registry.remove(groupResource(definition));
    this.#cluster.store.remove(this.#definitions, definition);
    instances.close();
  }

  #register(definition: ObjectVersion): ReturnType<typeof customResources> {
    const { registry } = this.#cluster;
    const resources = customResources(definition.object);
    registry.remove(groupResource(definition));
    registry.add(resources);
    return resources;
  }

  #instancesOf(definition: ObjectVersion): Collection {
    return this.#cluster.store.collection(groupResource(definition));
  }
}

/** A definition's name is `<plural>.<group>`. */
function groupResource({ name }: ObjectVersion): { group: string; resource: string } {
  const dot = name.indexOf(".");
  return { resource: name.slice(0, dot), group: name.slice(dot + 1) };
}
