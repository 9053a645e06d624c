import fc from "fast-check";

/** One of several arbitraries, or values, as often as their weights say; it shrinks towards the first. */
export function weighted<T>(
  ...choices: readonly (readonly [weight: number, choice: T | fc.Arbitrary<T>])[]
): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    ...choices.map(([weight, choice]) => ({
      weight,
      arbitrary: choice instanceof fc.Arbitrary ? choice : fc.constant(choice),
    })),
  );
}

/** A value that is there one time in `times`. */
export function seldom<T>(times: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return weighted<T | undefined>([times - 1, undefined], [1, value]);
}

/** A value of a few. */
export function among<T>(...values: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...values);
}

/** A record of which each field is there one time in two, or as `times` says. */
export function sometimes(
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  times = 2,
): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, seldom(times, value)])))
    .map(defined);
}

/** The fields that are defined; JSON would drop the others, too, but other texts would not. */
export function defined(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** A map with a few of these keys. */
export function mapOf(
  keys: readonly string[],
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> {
  return sometimes(Object.fromEntries(keys.map((key) => [key, value])));
}
