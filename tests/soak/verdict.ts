import { exceeding, type Sample } from "./sample.ts";

/** What the memory of a run looks like once it is warm. */
export interface MemoryTrend {
  /** The median of the slopes between all pairs of samples (Theil and Sen). */
  readonly bytesPerCall: number;
  /** By so much it grew over the samples that count, if it grew in a straight line. */
  readonly growth: number;
  /** From so much on it is called a leak. */
  readonly allowed: number;
  /** Whether enough was done to tell. */
  readonly judged: boolean;
}

/** At first caches and compiled code still grow: for the first third of all calls, and no less than this. */
const WARM_UP_SHARE = 1 / 3;
const WARM_UP_CALLS = 4_000;
const WARM_UP_SECONDS = 60;
const FEWEST_SAMPLES = 10;
/** What the figures of two samples of the same state may differ by. */
const NOISE_BYTES = 256 * 1024;
const NOISE_SHARE = 0.01;

/** The trend of the samples after the warm-up. */
export function memoryTrend(samples: readonly Sample[]): MemoryTrend {
  const warmAt = Math.max(WARM_UP_CALLS, (samples.at(-1)?.calls ?? 0) * WARM_UP_SHARE);
  const counted = samples.filter(({ calls, atSeconds }) => calls >= warmAt && atSeconds >= WARM_UP_SECONDS);
  const slopes = counted.flatMap((a, index) =>
    counted.slice(index + 1).map((b) => (b.memory - a.memory) / (b.calls - a.calls)),
  );
  const bytesPerCall = median(slopes);
  const calls = (counted.at(-1)?.calls ?? 0) - (counted[0]?.calls ?? 0);
  const size = median(counted.map(({ memory }) => memory));
  return {
    bytesPerCall,
    growth: bytesPerCall * calls,
    allowed: NOISE_BYTES + NOISE_SHARE * size,
    judged: counted.length >= FEWEST_SAMPLES,
  };
}

/** What is not flat. Each sample but the first is compared to the first: all are of the same state. */
export function findGrowth(samples: readonly Sample[]): string[] {
  const [ground, ...later] = samples;
  if (ground === undefined || later.length === 0) return ["there is nothing to compare"];
  const { growth, allowed, judged } = memoryTrend(samples);
  const problems =
    judged && growth > allowed ? [`memory grew by ${kib(growth)}, allowed are ${kib(allowed)}`] : [];
  for (const sample of later) {
    const counts = [
      ...exceeding(ground.resources, sample.resources),
      ...exceeding(countsOf(ground), countsOf(sample)),
    ];
    problems.push(...counts.map((problem) => `after ${sample.atSeconds.toFixed(0)} s: ${problem}`));
  }
  return problems;
}

/** In KiB. */
export function kib(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}

function countsOf({ watchCount, streamCount }: Sample): Record<string, number> {
  return { watchCount, streamCount };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
