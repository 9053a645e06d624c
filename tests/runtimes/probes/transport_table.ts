import { tableLines } from "./tables.ts";
import { type Carrier, carriers, type Prober, type TransportCase, whyNot } from "./transport_case.ts";
import { cannot } from "./transport_outcome.ts";
import type { TransportRun } from "./transport_probe.ts";

/** What must come of a case in a runtime. */
export function expectedOf(one: TransportCase, prober: Prober): string {
  const reason = whyNot(prober, one);
  return reason === undefined ? one.expected : cannot(reason);
}

/**
 * How many connections a transport may leave: the fetch of Bun and of workerd keeps an idle one for each way to know the
 * server and to log in, in a pool that nobody can end. Into workerd's goes that of a refused handshake as well.
 */
export function mayBePooled(carrier: Carrier, cases: readonly TransportCase[], { inside }: Prober): number {
  if (inside !== "bun" && inside !== "workerd") return 0;
  if (carrier !== "fetchTransport" && carrier !== "websocketTransport, own WebSocket") return 0;
  const reached = cases.filter((one) => one.carrier === carrier && one.expected !== "TRANSPORT_ERROR");
  const byFetch = reached.map((one) => (carrier === "fetchTransport" ? one.tls : one.baseTls));
  const ways = new Set(byFetch.map((tls) => JSON.stringify(tls))).size;
  if (carrier === "fetchTransport" || inside === "bun") return ways;
  return ways + reached.filter(({ expected }) => expected === "401").length;
}

/** What is not as it must be. */
export function transportFailures(
  { prober, outcomes, left, troubles }: TransportRun,
  cases: readonly TransportCase[],
): string[] {
  const seen = new Map(outcomes.map(({ carrier, feature, outcome }) => [`${carrier}: ${feature}`, outcome]));
  return [
    ...cases.flatMap((one) => {
      const name = `${one.carrier}: ${one.feature}`;
      const outcome = seen.get(name) ?? "not run";
      return outcome === expectedOf(one, prober) ? [] : [`${name}: ${outcome}`];
    }),
    ...carriers.flatMap((carrier) =>
      left[carrier] > mayBePooled(carrier, cases, prober)
        ? [`${carrier}: ${left[carrier]} connections left`]
        : [],
    ),
    ...troubles,
  ];
}

/** A table for each transport, and one of what is left when all are closed. */
export function transportLines(cases: readonly TransportCase[], runs: readonly TransportRun[]): string[] {
  const tables = carriers.map((carrier) =>
    tableLines(
      {
        heads: [carrier],
        rows: cases.filter((one) => one.carrier === carrier).map(({ feature }): [string] => [feature]),
      },
      runs.map((run) => ({ runtime: run.runtime, cells: featureCells(run, carrier, cases) })),
    ),
  );
  const leftovers = tableLines(
    {
      heads: ["left when all is closed"],
      rows: [...carriers.map((carrier): [string] => [carrier]), [TROUBLES]],
    },
    runs.map((run) => ({ runtime: run.runtime, cells: leftCells(run, cases) })),
  );
  return [...tables, leftovers].flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}

/** What was seen, in bold where it is not as expected. */
function featureCells(
  { prober, outcomes }: TransportRun,
  carrier: Carrier,
  cases: readonly TransportCase[],
): Readonly<Record<string, string>> {
  const asked = cases.filter((one) => one.carrier === carrier);
  const seen = outcomes.filter((one) => one.carrier === carrier);
  const cells = seen.map(({ feature, outcome }) => {
    const expected = asked.some((one) => one.feature === feature && expectedOf(one, prober) === outcome);
    return [feature, expected ? outcome : `**${outcome}**`];
  });
  return Object.fromEntries(cells);
}

const TROUBLES = "timers, unhandled rejections";

function leftCells(
  { left, prober, troubles }: TransportRun,
  cases: readonly TransportCase[],
): Readonly<Record<string, string>> {
  const connections = carriers.map((carrier) => {
    const count = left[carrier];
    const asked = cases.some((one) => one.carrier === carrier && whyNot(prober, one) === undefined);
    if (!asked) return [carrier, "not run"];
    if (count === 0) return [carrier, "nothing"];
    const pooled = count <= mayBePooled(carrier, cases, prober);
    return [carrier, pooled ? `${count} idle, in its pool` : `**${count} connections**`];
  });
  return Object.fromEntries([...connections, [TROUBLES, troubles.join(", ") || "none"]]);
}
