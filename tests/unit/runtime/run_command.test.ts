import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { runCommand } from "../../../runtime/run_command.ts";
import { until } from "../../fixtures/control_plane_until.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { rejection } from "../../fixtures/transport_contract/observe.ts";

const NEVER = new AbortController().signal;

function node(
  script: string,
  { env = {}, signal = NEVER }: { env?: Record<string, string>; signal?: AbortSignal } = {},
) {
  return runCommand("node", { args: ["-e", script], env: { PATH: process.env.PATH, ...env }, signal });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("runCommand", () => {
  it("gives what a command writes, and its exit code", async () => {
    expect(await node("console.log('à'); process.exitCode = 7")).toEqual({ stdout: "à\n", exitCode: 7 });
  });

  it("gives a command no stdin and no environment but its own", async () => {
    const script =
      "process.stdin.on('end', () => console.log(Object.keys(process.env).sort().join())).resume()";
    expect((await node(script, { env: { ONLY: "1" } })).stdout).toBe("ONLY,PATH\n");
  });

  it("tells of a signal that ended it", async () => {
    expect(await node("process.kill(process.pid, 'SIGKILL')")).toEqual({ stdout: "", exitCode: null });
  });

  it("rejects for a command that is not there", async () => {
    const error = await rejection(runCommand("no-such-command", { args: [], env: {}, signal: NEVER }));
    expect(error).toMatchObject({ code: "ENOENT" });
  });

  itUnless({ deno: "the program runs on Node", bun: "the program runs on Node" })(
    "rejects where the process has no file handles left",
    async () => {
      const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
      const program = `ulimit -n 100; exec node --import "$0" "$1"`;
      const { stdout, exitCode } = await runCommand("sh", {
        args: ["-c", program, path("../../../scripts/typescript.mjs"), path("run_command_out_of_files.ts")],
        env: { PATH: process.env.PATH },
        signal: NEVER,
      });
      expect([exitCode, JSON.parse(stdout)]).toEqual([0, { outcome: "EMFILE", listeners: 0 }]);
    },
  );

  it("rejects for what no process can be given", async () => {
    const error = await rejection(runCommand("node", { args: ["\0"], env: {}, signal: NEVER }));
    expect(error).toMatchObject({ code: "ERR_INVALID_ARG_VALUE" });
  });

  it("kills the command when it is aborted, also where another process holds its output open", async () => {
    const controller = new AbortController();
    const script = `
      const { spawn } = require("node:child_process");
      const child = spawn("node", ["-e", "setTimeout(() => {}, 1500)"], { stdio: "inherit" });
      require("node:fs").writeFileSync(process.env.PIDS, process.pid + " " + child.pid);
      setInterval(() => {}, 1000);`;
    const folder = await mkdtemp(join(tmpdir(), "run-command-"));
    const file = join(folder, "pids");
    const running = rejection(node(script, { env: { PIDS: file }, signal: controller.signal }));
    let pids: number[] = [];
    await until(
      async () => {
        pids = (await readFile(file, "utf8")).split(" ").map(Number);
        return pids.length === 2;
      },
      { what: "both processes to run" },
    );
    controller.abort("enough");
    expect(await running).toBe("enough");
    await until(() => !isAlive(pids[0] ?? 0), { what: "the command to end" });
    await until(() => !isAlive(pids[1] ?? 0), { what: "the other process to end by itself" });
    await rm(folder, { recursive: true });
  });

  it("runs nothing once it is aborted", async () => {
    expect(await rejection(node("", { signal: AbortSignal.abort("no") }))).toBe("no");
  });

  it("kills a command that writes more than credentials can be", async () => {
    const script = "console.log('a'.repeat(2 ** 21)); setTimeout(() => {}, 5000)";
    expect(await rejection(node(script))).toMatchObject({ code: "ENOBUFS" });
  });
});
