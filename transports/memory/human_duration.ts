const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Which units a span is told in, by its length: below `under`, in whole `unit`s and the rest in whole `rest`s. */
const SCALES: readonly { under: number; unit: number; name: string; rest?: [unit: number, name: string] }[] =
  [
    { under: 2 * MINUTE, unit: SECOND, name: "s" },
    { under: 10 * MINUTE, unit: MINUTE, name: "m", rest: [SECOND, "s"] },
    { under: 3 * HOUR, unit: MINUTE, name: "m" },
    { under: 8 * HOUR, unit: HOUR, name: "h", rest: [MINUTE, "m"] },
    { under: 2 * DAY, unit: HOUR, name: "h" },
    { under: 8 * DAY, unit: DAY, name: "d", rest: [HOUR, "h"] },
    { under: 2 * YEAR, unit: DAY, name: "d" },
    { under: 8 * YEAR, unit: YEAR, name: "y", rest: [DAY, "d"] },
    { under: Number.POSITIVE_INFINITY, unit: YEAR, name: "y" },
  ];

/** A span of time as kubectl's tables tell it: `42s`, `3m20s`, `5h`, `2d3h`, `1y30d`. */
export function humanDuration(durationMs: number): string {
  if (durationMs <= -2 * SECOND) return "<invalid>";
  const span = Math.max(0, durationMs);
  const scale = SCALES.find(({ under }) => span < under);
  if (scale === undefined) return "<unknown>";
  const whole = `${Math.floor(span / scale.unit)}${scale.name}`;
  if (scale.rest === undefined) return whole;
  const [restUnit, restName] = scale.rest;
  const rest = Math.floor((span % scale.unit) / restUnit);
  return rest === 0 ? whole : `${whole}${rest}${restName}`;
}
