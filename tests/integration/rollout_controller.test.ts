import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "@std/expect";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { CHECKSUM, OPT_IN, RolloutController } from "../../examples/rollout_controller/controller.ts";
import { formatReport, type Report } from "../../examples/rollout_controller/report.ts";
import type { Transport } from "../../mod.ts";
import { connect } from "../../runtime/node.ts";
import { type ControlPlane, startControlPlane, until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Inside the project, where the compiled files find its node_modules. */
const compiled = join(root, ".cache", `rollout-controller-${process.pid}`);

/** The demo as a process of its own, with the lines that it has written so far. */
class Demo {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  constructor(args: readonly string[]) {
    const main = join(compiled, "examples", "rollout_controller", "main.js");
    this.#child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.#exited = once(this.#child, "close");
    for (const [stream, lines] of [
      [this.#child.stdout, this.lines],
      [this.#child.stderr, this.errors],
    ] as const) {
      createInterface({ input: stream! }).on("line", (line) => lines.push(line));
    }
  }

  /** Resolves when it has ended: with its exit code, or null where a signal ended it. */
  async exitCode(): Promise<unknown> {
    return (await this.#exited)[0];
  }

  signal(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void {
    this.#child.kill(signal);
  }
}

let compilation: Promise<void> | undefined;

/** Compiles this very tree, once: what `npm run build` has left in dist may be older. */
function compiledOnce(): Promise<void> {
  compilation ??= compile();
  return compilation;
}

async function compile(): Promise<void> {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-p", "tsconfig.build.json", "--outDir", compiled];
  await promisify(execFile)(process.execPath, args, { cwd: root }).catch(({ stdout }) => {
    throw new Error(`Cannot compile the demo: ${stdout}`);
  });
}

afterAll(() => rm(compiled, { recursive: true, force: true }));

describe("the demo as a process, without a cluster", () => {
  beforeAll(compiledOnce);

  it("plays its story and exits with 0", async () => {
    const demo = new Demo([]);
    expect([await demo.exitCode(), demo.errors]).toEqual([0, []]);
    expect(demo.lines.join("\n")).toContain("because: Secret default/db MODIFIED: /data/password");
  });

  it("explains itself", async () => {
    const demo = new Demo(["--help"]);
    expect(await demo.exitCode()).toBe(0);
    expect(demo.lines.join("\n")).toContain("--kubeconfig FILE");
  });

  for (const { args, code, says } of [
    { args: ["--kubeconfg", "x"], code: 2, says: "--kubeconfg" },
    { args: ["--kubeconfig", ""], code: 2, says: "needs the name of a file" },
    { args: ["--namespace", "x"], code: 2, says: "need --kubeconfig" },
    { args: ["--kubeconfig", "nowhere"], code: 1, says: "nowhere: there is no such file" },
  ]) {
    it(`exits with ${code} for ${args.join(" ")}`, async () => {
      const demo = new Demo(args);
      expect(await demo.exitCode()).toBe(code);
      expect(demo.errors.join("\n")).toContain(says);
    });
  }
});

describeReal("the rollout controller on a real API server", () => {
  let controlPlane: ControlPlane;
  let transport: Transport;
  let namespace: string;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    ({ transport } = await connect({ kubeconfigText: controlPlane.kubeconfigText() }));
  });
  afterAll(async () => {
    await transport?.close();
    await controlPlane?.stop();
  });

  function merge(path: string, patch: object): Promise<unknown> {
    const headers = { "Content-Type": "application/merge-patch+json" };
    return controlPlane.call("PATCH", path, { body: patch, headers });
  }
  const deployments = () => `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const secrets = () => `/api/v1/namespaces/${namespace}/secrets`;
  const configMaps = () => `/api/v1/namespaces/${namespace}/configmaps`;

  function setPassword(password: string): Promise<unknown> {
    return merge(`${secrets()}/db`, { stringData: { password } });
  }

  async function checksum(): Promise<string | undefined> {
    const { spec } = await controlPlane.call("GET", `${deployments()}/web`);
    const { template } = spec as { template: { metadata: { annotations?: Record<string, string> } } };
    return template.metadata.annotations?.[CHECKSUM];
  }

  async function nextChecksum(before: string | undefined): Promise<string> {
    await until(async () => (await checksum()) !== before, { what: "another checksum" });
    return (await checksum()) ?? "";
  }

  beforeEach(async () => {
    namespace = await controlPlane.createNamespace();
    const labels = { app: "web" };
    const env = [{ name: "P", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }];
    await controlPlane.call("POST", secrets(), {
      body: { metadata: { name: "db" }, stringData: { password: "first" } },
    });
    await controlPlane.call("POST", configMaps(), {
      body: { metadata: { name: "app" }, data: { colour: "blue" } },
    });
    await controlPlane.call("POST", deployments(), {
      body: {
        metadata: { name: "web", annotations: { [OPT_IN]: "true" } },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              containers: [{ name: "main", image: "main", env }],
              volumes: [{ name: "files", configMap: { name: "app" } }],
            },
          },
        },
      },
    });
  });

  describe("in this process", () => {
    let controller: RolloutController;
    let reports: Report[];

    beforeEach(async () => {
      reports = [];
      controller = new RolloutController({ transport, namespace, report: (report) => reports.push(report) });
      await controller.start();
    });
    afterEach(() => controller.stop());

    function rollouts(): number {
      return reports.filter(({ type }) => type === "rollout").length;
    }

    it("writes another checksum when the Secret changes, and says why without the value", async () => {
      const first = await nextChecksum(undefined);
      await setPassword("second-s3cr3t");
      const second = await nextChecksum(first);
      expect([first, second].every((sum) => /^[0-9a-f]{64}$/.test(sum))).toBe(true);
      await until(() => rollouts() === 2, { what: "two rollouts" });
      const lines = reports.map(formatReport).join("\n");
      expect(lines).toContain(`because: Secret ${namespace}/db MODIFIED: /data/password`);
      expect(lines).not.toContain("s3cr3t");
      expect(lines).not.toContain(btoa("second-s3cr3t"));
      await setPassword("first");
      expect(await nextChecksum(second)).toBe(first);
    });

    it("watches one thing fewer when a reference is removed, and rolls out for it no more", async () => {
      const first = await nextChecksum(undefined);
      await until(() => controller.watchCount === 4, { what: "four watches" });
      await merge(`${deployments()}/web`, { spec: { template: { spec: { volumes: null } } } });
      const second = await nextChecksum(first);
      await until(() => controller.watchCount === 3, { what: "three watches" });
      await merge(`${configMaps()}/app`, { data: { colour: "green" } });
      await setPassword("second");
      await nextChecksum(second);
      await until(() => rollouts() === 3, { what: "three rollouts" });
      expect(reports.map(formatReport).join("\n")).not.toContain("app MODIFIED");
    });

    it("waits for a Secret that is gone, and rolls out when it is back", async () => {
      const first = await nextChecksum(undefined);
      await controlPlane.call("DELETE", `${secrets()}/db`);
      await until(() => reports.some(({ type }) => type === "waits"), { what: "the wait" });
      expect(await checksum()).toBe(first);
      await controlPlane.call("POST", secrets(), {
        body: { metadata: { name: "db" }, stringData: { password: "other" } },
      });
      await nextChecksum(first);
    });

    it("leaves a Deployment alone that takes part no longer, or is deleted", async () => {
      await nextChecksum(undefined);
      await merge(`${deployments()}/web`, { metadata: { annotations: { [OPT_IN]: null } } });
      await until(() => controller.watchCount === 1, { what: "one watch" });
      await merge(`${deployments()}/web`, { metadata: { annotations: { [OPT_IN]: "true" } } });
      await until(() => controller.watchCount === 4, { what: "four watches" });
      await controlPlane.call("DELETE", `${deployments()}/web`);
      await until(() => controller.watchCount === 1, { what: "one watch" });
    });
  });

  describe("as a process", () => {
    beforeAll(compiledOnce);

    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      it(`runs as a process until ${signal}, and then exits with 0`, async () => {
        const demo = new Demo(["--kubeconfig", controlPlane.kubeconfigPath, "--namespace", namespace]);
        try {
          const first = await nextChecksum(undefined);
          await setPassword("second-s3cr3t");
          await nextChecksum(first);
          await until(() => demo.lines.some((line) => line.includes("MODIFIED: /data/password")), {
            what: "the reason",
          });
          demo.signal(signal);
          expect([await demo.exitCode(), demo.errors]).toEqual([0, []]);
          expect(demo.lines[0]).toContain(`Watching the Deployments in namespace ${namespace}`);
          expect(demo.lines.at(-1)).toBe("Stopped");
          expect(demo.lines.join("\n")).not.toContain("s3cr3t");
        } finally {
          demo.signal("SIGKILL");
        }
      });
    }
  });
});
