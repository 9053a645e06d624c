// The cases where there are only the web's globals: in workerd and in a page.
import { countTimers, countUnhandled } from "./observe.ts";
import type { AskWorld, Prober, TransportCase, TransportsLeft } from "./transport_case.ts";
import { type OpenTransport, type TransportOutcome, transportOutcome } from "./transport_outcome.ts";

/** What was seen of the cases. */
export interface WebOutcome {
  readonly outcomes: readonly TransportOutcome[];
  readonly left: TransportsLeft;
  /** Timers and rejections that were left, with their counts. */
  readonly troubles: readonly string[];
}

/** Runs the cases, and looks at what is left of them. */
export async function webOutcome<TCase extends TransportCase>(
  cases: readonly TCase[],
  { prober, open, ask }: { prober: Prober; open: (one: TCase) => OpenTransport; ask: AskWorld },
): Promise<WebOutcome> {
  const pending = countTimers();
  const unhandled = countUnhandled();
  const outcomes: TransportOutcome[] = [];
  for (const one of cases) outcomes.push(await transportOutcome(one, { prober, open: () => open(one), ask }));
  const timers = pending();
  const left = await (await ask("/left")).json();
  const counts = Object.entries({ timers, "unhandled rejections": unhandled() });
  const troubles = counts.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  return { outcomes, left: left as TransportsLeft, troubles };
}
