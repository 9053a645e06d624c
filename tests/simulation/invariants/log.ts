/** What the library may say by itself. */
const EXPECTED = [
  /^The watch of .+ (is interrupted and tries again|is over): /,
  /^The reconcile of .+ (failed and is retried|failed after its outcome was decided)/,
];

/** Only streams and reconciles in trouble are warned of. */
export function isExpectedWarning(message: string): boolean {
  return EXPECTED.some((expected) => expected.test(message));
}
