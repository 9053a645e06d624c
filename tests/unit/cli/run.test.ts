import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { HELP } from "../../../cli/arguments.ts";
import { run } from "../../../cli/run.ts";
import { connect } from "../../../runtime/node.ts";

const { version } = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../../package.json", import.meta.url)), "utf8"),
);

/** Runs a command line, and tells what it wrote. */
function started(commandLine: string) {
  const stop = new AbortController();
  const out: string[] = [];
  const errors: string[] = [];
  let tellReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => (tellReady = resolve));
  const code = run(commandLine === "" ? [] : commandLine.split(" "), {
    out: (line) => {
      out.push(line);
      if (line.startsWith("ready: ")) tellReady();
    },
    error: (line) => errors.push(line),
    stopped: stop.signal,
  });
  return { code, out, errors, stop: () => stop.abort(), ready };
}

describe("run", () => {
  it("prints its help and its version", async () => {
    for (const [args, text] of [
      ["--help", HELP],
      ["--version", version],
    ] as const) {
      const { code, out, errors } = started(args);
      expect([await code, out, errors]).toEqual([0, [text], []]);
    }
  });

  it("answers misuse with 2 and where to read more", async () => {
    const { code, out, errors } = started("");
    expect([await code, out, errors]).toEqual([2, [], ["Cannot run: no command is given", "See kdw --help"]]);
  });

  it("serves until it is stopped; its kubeconfig leads to it", async () => {
    const { code, out, errors, stop, ready } = started("serve --port 0");
    await ready;
    const [kubeconfig = "", url = ""] = out.map((line) => line.replace(/^\w+: /, ""));
    expect(out).toEqual([`kubeconfig: ${kubeconfig}`, `ready: ${url}`]);
    const { transport, server } = await connect({ kubeconfig });
    expect(server).toBe(url);
    expect((await transport.request({ method: "GET", path: "/api/v1/namespaces/default" })).status).toBe(200);
    await transport.close();
    stop();
    expect([await code, errors]).toEqual([0, []]);
    expect(existsSync(kubeconfig)).toBe(false);
    await expect(fetch(url)).rejects.toThrow();
  });

  it("stops at once if it is told so before it has begun", async () => {
    const { code, stop } = started("serve --port 0");
    stop();
    expect(await code).toBe(0);
  });

  it("answers a port that is taken with 1, and says how to get another", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const { code, out, errors } = started(`serve --port ${port}`);
    expect([await code, out, errors]).toEqual([
      1,
      [],
      [`Cannot listen on 127.0.0.1, port ${port}: it is taken; --port 0 takes any that is free`],
    ]);
    other.close();
  });

  it("answers another address that it cannot listen on with 1, and says why", async () => {
    const { code, errors } = started("serve --port 0 --host 192.0.2.1");
    expect(await code).toBe(1);
    // Deno's word is EINVAL.
    expect(errors[0]).toMatch(/^Cannot listen on 192\.0\.2\.1, port 0: .*(EADDRNOTAVAIL|EINVAL)/);
  });

  it("answers a kubeconfig that cannot be written with 1, and listens no longer", async () => {
    const { code, errors } = started("serve --port 0 --kubeconfig /");
    expect(await code).toBe(1);
    expect(errors).toHaveLength(1);
  });
});
