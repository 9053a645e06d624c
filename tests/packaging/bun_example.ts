import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@std/expect";
import { itInstalled } from "../fixtures/installed.ts";
import { isInstalled, type Runtime, runtimes } from "../runtimes/runtimes.ts";
import { ROOT, runIn } from "./packed_package.ts";

const bun = runtimes.find(({ inside }) => inside === "bun") as Runtime;
const KUBECONFIG = {
  ...{ apiVersion: "v1", kind: "Config", "current-context": "production" },
  contexts: ["production", "staging"].map((name) => ({ name, context: { cluster: name, user: "robot" } })),
  clusters: ["production", "staging"].map((name) => ({ name, cluster: { server: `https://${name}:6443` } })),
  users: [{ name: "robot", user: { token: "a-token" } }],
};

/** The one example that `deno test --doc` cannot run: it connects in Bun, and refuses to elsewhere. */
export function describeBunExample(project: () => string): void {
  const name = "the example of /bun runs inside Bun, with the context that it names";
  itInstalled(name, { installed: isInstalled(bun), timeoutMs: 60_000 }, async () => {
    const source = await readFile(join(ROOT, "runtime/bun.ts"), "utf8");
    const [, example = ""] = /@example\n \* ```ts\n([\s\S]*?)\n \* ```/.exec(source) ?? [];
    const code = `${example.replaceAll(/^ \* ?/gm, "")}\nconsole.log((await connect({ context: "staging" })).server);\n`;
    await writeFile(join(project(), "example.ts"), code);
    await writeFile(join(project(), "config"), JSON.stringify(KUBECONFIG));
    const printed = await runIn(project(), [...bun.command, "example.ts"], {
      KUBECONFIG: join(project(), "config"),
    });
    expect(printed).toBe("https://staging:6443\n");
  });
}
