import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { expect } from "@std/expect";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { certificateAuthority } from "../fixtures/certificates.ts";
import { kubeconfigOf } from "../fixtures/kubeconfig_of.ts";
import { ROOT, runIn } from "../packaging/packed_package.ts";
import { canBePod, inPod } from "../runtimes/probes/in_pod.ts";
import { deno, describeDeno } from "./deno.ts";

const PAGE = "docs/credentials.md";
/** What its command lines say, which is replaced. */
const SERVER = "10.0.0.1:6443";
const V1 = "client.authentication.k8s.io/v1";

const [, script = ""] = /### What Deno must allow\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(
  await readFile(join(ROOT, PAGE), "utf8"),
) ?? [""];
const lines = script.split("\n").filter((line) => line !== "");
const settings = lines.filter((line) => !line.startsWith("deno run "));
const commands = Array.from(script.matchAll(/^(deno run .*) # (.*)$/gm), ([, command = "", way = ""]) => ({
  command,
  way,
}));

/** What the program of each way calls connect() with, and what is in its environment. */
const ways: Readonly<Record<string, { readonly options?: object; readonly env?: Record<string, string> }>> = {
  kubeconfigText: {},
  kubeconfig: { options: { kubeconfig: "cluster.yaml" } },
  KUBECONFIG: { env: { KUBECONFIG: "cluster.yaml" } },
  "~/.kube/config": {},
  "in a pod": {},
  "a plugin": { options: { kubeconfig: "cluster.yaml" } },
};

describeDeno(`the command lines for Deno in ${PAGE}`, () => {
  let folder = "";
  let server: Server;
  let address = "";
  let ca = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "deno-permissions-"));
    const authority = await certificateAuthority("ca");
    ca = authority.cert;
    server = createServer(await authority.server(), (_, response) => response.end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  /** Makes the files of a way, and its program, in a folder of its own. */
  async function arrange(way: string): Promise<string> {
    const cwd = await mkdtemp(join(folder, "way-"));
    const cluster = { server: `https://${address}` };
    const exec = { apiVersion: V1, command: "./login", interactiveMode: "Never" };
    const user = way === "a plugin" ? { exec } : { token: "t" };
    const text = kubeconfigOf({ ...cluster, "certificate-authority-data": btoa(ca) }, user);
    const credential = { apiVersion: V1, kind: "ExecCredential", status: { token: "t" } };
    const options = way === "kubeconfigText" ? { kubeconfigText: text } : ways[way]?.options;
    const contents = {
      "ca.crt": ca,
      "cluster.yaml":
        way === "kubeconfig" ? kubeconfigOf({ ...cluster, "certificate-authority": "ca.crt" }, user) : text,
      login: `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`,
      "app.ts": `import { connect } from "kubernetes-dependency-watches/deno";
        const { transport } = await connect(${JSON.stringify(options)});
        console.log((await transport.request({ method: "GET", path: "/api" })).status);
        await transport.close();`,
      ...(way === "~/.kube/config" && { ".kube/config": text }),
    };
    await mkdir(join(cwd, ".kube"));
    for (const [name, content] of Object.entries(contents)) await writeFile(join(cwd, name), content);
    await chmod(join(cwd, "login"), 0o755);
    return cwd;
  }

  /** Runs a command line as a shell does; gives what the program prints. */
  async function run(way: string, command: string): Promise<string> {
    const cwd = await arrange(way);
    const program = `--no-prompt --quiet --config '${join(ROOT, "deno.json")}' app.ts`;
    const text = [...settings, command.replace(SERVER, address).replace(/app\.ts$/, program)].join("\n");
    const shell = ["sh", "-c", text] as const;
    const serviceAccount = { "ca.crt": ca, token: "t", namespace: "team" };
    const [first, ...rest] = way === "in a pod" ? await inPod(shell, { serviceAccount, folder: cwd }) : shell;
    const [host = "", port = ""] = address.split(":");
    return runIn(cwd, [first, ...rest], {
      ...Object.fromEntries(Object.keys(process.env).map((name) => [name, ""])),
      PATH: [dirname(deno), process.env.PATH].join(delimiter),
      HOME: cwd,
      DENO_DIR: join(folder, "cache"),
      NO_COLOR: "1",
      ...(way === "in a pod" && { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port }),
      ...ways[way]?.env,
    });
  }

  it("are one for each way", () => {
    expect(commands.map(({ way }) => way)).toEqual(Object.keys(ways));
  });

  for (const { command, way } of commands) {
    const able = way !== "in a pod" || canBePod;
    const name = able ? way : `${way} (a mount of its own is not allowed)`;
    (able ? describe : describe.skip)(name, () => {
      it("suffices", async () => {
        expect(await run(way, command)).toBe("200\n");
      });

      for (const [flag] of command.matchAll(/ --allow-\S+/g)) {
        it(`does not without${flag}`, async () => {
          const error = await run(way, command.replace(flag, "")).catch((error) => error);
          expect(String(error)).toContain("NotCapable");
        });
      }
    });
  }
});
