// Runs a command in a process that has no file handles left; run_command.test.ts starts it with few of them.
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { runCommand } from "../../../runtime/run_command.ts";
import { countingSignal } from "../../fixtures/transport_contract/fakes.ts";

const { signal, listeners } = countingSignal();
const open: number[] = [];
try {
  for (;;) open.push(openSync("/dev/null", "r"));
} catch {
  // There are no more.
}
const outcome = await runCommand("true", { args: [], env: { PATH: process.env.PATH }, signal }).catch(
  ({ code }) => code,
);
await new Promise((resolve) => setImmediate(resolve));
for (const handle of open) closeSync(handle);
console.log(JSON.stringify({ outcome, listeners: listeners() }));
