/** How a kind of time is written. */
export interface TimeLayout {
  /** As Go writes the layout. */
  readonly text: string;
  /** How many digits of a second it has. */
  readonly digits: 0 | 6;
}

/** Whole seconds, as in metadata. */
export const SECONDS: TimeLayout = { text: "2006-01-02T15:04:05Z07:00", digits: 0 };
/** Millionths of seconds, as in Leases. */
export const MICROSECONDS: TimeLayout = { text: "2006-01-02T15:04:05.000000Z07:00", digits: 6 };

const DATE = ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05"];

/** The time in UTC as the layout has it, or what the API server says of a text that is none. */
export function goTime(
  text: string,
  { text: layout, digits }: TimeLayout,
): { time: string } | { problem: string } {
  const wrong = (rest: string, element: string) => ({
    problem: `parsing time ${quoted(text)} as ${quoted(layout)}: cannot parse ${quoted(rest)} as ${quoted(element)}`,
  });
  let rest = text;
  for (const element of DATE) {
    const [found] =
      new RegExp(`^${/\d/.test(element) ? element.replace(/\d/g, "\\d") : element}`).exec(rest) ?? [];
    if (found === undefined) return wrong(rest, element);
    rest = rest.slice(found.length);
  }
  const [fraction] = (digits === 0 ? /^(?:\.\d+)?/ : /^\.\d{6}(?!\d)/).exec(rest) ?? [];
  if (fraction === undefined) return wrong(rest, ".000000");
  rest = rest.slice(fraction.length);
  const [zone] = /^(?:Z|[+-]\d\d:\d\d)/.exec(rest) ?? [];
  if (zone === undefined) return wrong(rest, "Z07:00");
  if (rest !== zone)
    return { problem: `parsing time ${quoted(text)}: extra text: ${quoted(rest.slice(zone.length))}` };
  const [date = ""] = text.split(/[.Z+]|-\d\d:\d\d$/);
  const time = new Date(`${date}${zone}`);
  if (Number.isNaN(time.getTime())) return { problem: `parsing time ${quoted(text)}: day out of range` };
  return { time: `${time.toISOString().slice(0, -".000Z".length)}${digits === 0 ? "" : fraction}Z` };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
