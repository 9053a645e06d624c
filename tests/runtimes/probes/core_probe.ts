import { openChromium } from "./chromium.ts";
import type { CoreOutcome } from "./core_program.ts";
import { ALL_CAUSES } from "./observe.ts";
import { bundle, runWorker } from "./run_worker.ts";

/** What must come of the parts of the program, by their names. */
export const expectedCore: Readonly<Record<string, string>> = {
  "the embedded server": ALL_CAUSES,
  "fetch, answered by the embedded server": ALL_CAUSES,
  "a checkpoint": "cold 1, warm 0, warm 1",
  "fetch over the network": ALL_CAUSES,
  "what is left": "0 watches, 0 timers, 0 unhandled rejections",
};

/** What was seen of the core in one runtime. */
export interface CoreRun {
  /** Such as `workerd 1.20261117.1`. */
  readonly runtime: string;
  readonly outcomes: readonly CoreOutcome[];
}

/** Runs the core inside workerd. @param url of an API server on this machine */
export async function probeWorkerd(url: string): Promise<CoreRun> {
  const { runtime, value } = await runWorker<CoreOutcome[]>({
    imports: `import { coreOutcomes } from "./core_program.ts";`,
    expression: "coreOutcomes({ url: env.KUBERNETES_URL })",
    bindings: [`(name = "KUBERNETES_URL", text = "${url}")`],
  });
  return { runtime, outcomes: value };
}

/** Runs the core in a page of Chromium. @param url of an API server on this machine */
export async function probeChromium(url: string): Promise<CoreRun> {
  const page = await openChromium();
  try {
    const program = `import { coreOutcomes } from "./core_program.ts"; globalThis.coreOutcomes = coreOutcomes;`;
    await page.evaluate(await bundle(program, "iife"));
    const outcomes = await page.evaluate(`coreOutcomes(${JSON.stringify({ url })})`);
    return { runtime: `Chromium ${page.version}`, outcomes: outcomes as CoreOutcome[] };
  } finally {
    await page.close();
  }
}
