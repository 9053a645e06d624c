/** As text, with fields in one order and without what the library takes away. */
export function canonicalJson(objects: readonly unknown[]): string {
  return JSON.stringify(objects.map(sorted));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([field]) => field !== "managedFields");
  return Object.fromEntries(
    fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([field, one]) => [field, sorted(one)]),
  );
}
