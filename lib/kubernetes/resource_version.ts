const DIGITS = /^\d+$/;

/**
 * Orders two resource versions of one resource: negative where `a` is older, 0 where they are the same, and
 * undefined where they cannot be ordered, because one is no number (KEP-5504).
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!DIGITS.test(a) || !DIGITS.test(b)) return undefined;
  const left = withoutLeadingZeros(a);
  const right = withoutLeadingZeros(b);
  // They may be longer than a number is exact: the longer is the greater, and equal lengths sort as text.
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

function withoutLeadingZeros(digits: string): string {
  return digits.startsWith("0") ? digits.replace(/^0+(?=\d)/, "") : digits;
}
