import { startControlPlane } from "../fixtures/control_plane.ts";
import type { ChaosCase } from "./chaos_case.ts";
import { type ChaosResult, runCase } from "./run_case.ts";

/** Runs the cases one after another on a control plane of their own, and yields each result when it is there. */
export async function* runInTurn(cases: readonly ChaosCase[]): AsyncGenerator<ChaosResult> {
  const controlPlane = await startControlPlane({ users: usersOf(cases) });
  try {
    for (const chaosCase of cases) yield await runCase(chaosCase, controlPlane);
  } finally {
    await controlPlane.stop();
  }
}

/** Runs cases that leave the server alone, all at once. */
export async function runAtOnce(cases: readonly ChaosCase[]): Promise<ChaosResult[]> {
  const controlPlane = await startControlPlane({ users: usersOf(cases) });
  try {
    return await Promise.all(cases.map((chaosCase) => runCase(chaosCase, controlPlane)));
  } finally {
    await controlPlane.stop();
  }
}

function usersOf(cases: readonly ChaosCase[]): { name: string }[] {
  return cases.map(({ name }) => ({ name }));
}
