import type { Labels } from "./object.ts";

/** One term of a selector. */
export type Requirement =
  | { readonly key: string; readonly operator: "In" | "NotIn"; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: "Exists" | "DoesNotExist" }
  | { readonly key: string; readonly operator: "Gt" | "Lt"; readonly value: bigint };

const LARGEST_INTEGER = 2n ** 63n - 1n;

/** The integer that a label value spells, as the API server counts (64 bits), or undefined. */
export function labelInteger(value: string): bigint | undefined {
  if (!/^\d+$/.test(value)) return undefined;
  const integer = BigInt(value);
  return integer <= LARGEST_INTEGER ? integer : undefined;
}

/** Whether `labels` meet this term. `NotIn` is met without the key too. */
export function meetsRequirement(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case "In":
      return value !== undefined && requirement.values.includes(value);
    case "NotIn":
      return value === undefined || !requirement.values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      const integer = value === undefined ? undefined : labelInteger(value);
      if (integer === undefined) return false;
      return requirement.operator === "Gt" ? integer > requirement.value : integer < requirement.value;
    }
  }
}

/** The term as the API server reads it; a set of one is an equality. */
export function formatRequirement(requirement: Requirement): string {
  const { key } = requirement;
  switch (requirement.operator) {
    case "In":
      return requirement.values.length === 1
        ? `${key}=${requirement.values[0]}`
        : `${key} in (${requirement.values.join(",")})`;
    case "NotIn":
      // `key!=` alone is what parseSelector refuses.
      return requirement.values.length === 1 && requirement.values[0] !== ""
        ? `${key}!=${requirement.values[0]}`
        : `${key} notin (${requirement.values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "Gt":
      return `${key}>${requirement.value}`;
    case "Lt":
      return `${key}<${requirement.value}`;
  }
}
