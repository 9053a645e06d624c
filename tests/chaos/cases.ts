import { accessCases } from "./cases/access_cases.ts";
import { connectionCases } from "./cases/connection_cases.ts";
import { serverCases } from "./cases/server_cases.ts";
import type { ChaosCase } from "./chaos_case.ts";

/** All that goes wrong, in the order of the table. */
export const chaosCases: readonly ChaosCase[] = [...serverCases, ...accessCases, ...connectionCases];
