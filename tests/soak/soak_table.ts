import { cpus, loadavg } from "node:os";
import process from "node:process";
import type { Sample } from "./sample.ts";
import type { ServerKind } from "./soak_server.ts";
import { kib, memoryTrend } from "./verdict.ts";

const ROWS = 12;

/** A run in figures, as Markdown. */
export function formatRun({
  samples,
  counts,
  kind,
  minutes,
  left,
}: {
  samples: readonly Sample[];
  counts: Readonly<Record<string, number>>;
  kind: ServerKind;
  minutes: number;
  left: readonly string[];
}): string[] {
  const { bytesPerCall, growth, allowed, judged } = memoryTrend(samples);
  const every = Math.ceil(samples.length / ROWS);
  const shown = samples.filter((_, index) => index % every === 0 || index === samples.length - 1);
  const done = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return [
    `${minutes} minutes on the ${kind} server: ${done.join(", ")}. Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(0)}.`,
    "",
    "| after | memory after gc | resident | watched | streams | sockets | timers |",
    "|---|---|---|---|---|---|---|",
    ...shown.map(
      ({ atSeconds, memory, residentSet, watchCount, streamCount, resources }) =>
        `| ${atSeconds.toFixed(0)} s | ${kib(memory)} | ${kib(residentSet)} | ${watchCount} | ${streamCount} | ${socketsOf(resources)} | ${resources.Timeout ?? 0} |`,
    ),
    "",
    judged
      ? `Memory after the warm-up: ${bytesPerCall.toFixed(0)} bytes a call, ${kib(growth)} in all; ${kib(allowed)} are allowed.`
      : "The run was too short to judge memory.",
    `Left open after stop() and close(): ${left.length === 0 ? "nothing" : left.join(", ")}.`,
  ];
}

function socketsOf(resources: Sample["resources"]): number {
  return (resources.TCPSocketWrap ?? 0) + (resources.TCPWRAP ?? 0) + (resources.TLSWrap ?? 0);
}
