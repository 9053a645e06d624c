import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { duplicateCauses, embeddedCauses } from "./list_types.ts";
import { defaulted, prunedObject } from "./schema_pruning.ts";
import { SchemaValidator } from "./schema_validation.ts";
import type { InvalidCause } from "./status_error.ts";
import type { StructuralSchema } from "./structural_schema.ts";

/** The schema of one version of a custom kind. */
export class ObjectSchema {
  readonly #schema: StructuralSchema;
  readonly #validator: SchemaValidator;
  readonly #status: SchemaValidator | undefined;

  constructor(schema: StructuralSchema) {
    this.#schema = schema;
    this.#validator = new SchemaValidator(schema);
    const status = schema.properties?.status;
    this.#status = status && new SchemaValidator(status);
  }

  /** An object as it came, without what the schema does not know and with what it fills in. */
  admitted(object: Frozen<KubernetesObject>): { object: KubernetesObject; unknownFields: readonly string[] } {
    const { value, unknownFields } = prunedObject(this.#schema, object);
    return { object: this.defaulted(value as KubernetesObject), unknownFields };
  }

  /** An object without what the schema does not know. */
  pruned(object: Frozen<KubernetesObject>): Frozen<KubernetesObject> {
    return prunedObject(this.#schema, object).value as KubernetesObject;
  }

  defaulted(object: KubernetesObject): KubernetesObject {
    return defaulted(this.#schema, object) as KubernetesObject;
  }

  /** What is wrong with a new object, or with what an update changes. */
  causes(object: KubernetesObject, old?: KubernetesObject): InvalidCause[] {
    const hadDuplicates = old !== undefined && duplicateCauses(this.#schema, old).length > 0;
    return [
      ...this.#validator.causes({ value: object, old }),
      ...embeddedCauses(this.#schema, object),
      ...(hadDuplicates ? [] : duplicateCauses(this.#schema, object)),
    ];
  }

  /** What is wrong with the status, which is all that its path changes. */
  statusCauses(object: KubernetesObject, old: KubernetesObject): InvalidCause[] {
    if (!this.#status || object.status === undefined) return [];
    return this.#status.causes({ value: object.status, old: old.status, at: "status" });
  }
}
