import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { until } from "../../fixtures/control_plane_until.ts";

const runtimes = new URL("../", import.meta.url);
const packageFile = fileURLToPath(new URL("node_modules/@sparticuz/chromium/package.json", runtimes));
const cache = fileURLToPath(new URL("../../.cache/chromium/", runtimes));
const LIMIT_MS = 60_000;

/** Whether the package that holds the browser is there. */
export const chromiumInstalled: boolean = existsSync(packageFile);

/** A page of a headless browser that runs until `close`. */
export interface ChromiumPage {
  /** Such as `153.0.8010.0`. */
  readonly version: string;
  /** Runs a script, and resolves with the value of its last expression, awaited. */
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Starts a browser, and speaks its DevTools protocol over a pipe.
 *
 * @param options `url`: of the page, by default one of no origin; `trustedKeys`: servers with these public keys are trusted (SHA-256 in base64, of each)
 */
export async function openChromium({
  url = "about:blank",
  trustedKeys = [],
}: {
  url?: string;
  trustedKeys?: readonly string[];
} = {}): Promise<ChromiumPage> {
  const folder = await unpacked();
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const child = spawn(
    join(folder, "chromium"),
    [
      ...["--headless=shell", "--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage"],
      // The API server knows no CORS.
      ...["--disable-web-security", `--user-data-dir=${profile}`, "--remote-debugging-pipe"],
      `--ignore-certificate-errors-spki-list=${trustedKeys.join()}`,
    ],
    {
      env: { LD_LIBRARY_PATH: join(folder, "lib") },
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    },
  );
  const exited = once(child, "exit");
  const [, , , commands, answers] = child.stdio;
  const send = devTools({ commands: commands as Writable, answers: answers as Readable });
  const { product } = await send("Browser.getVersion");
  const { targetId } = await send("Target.createTarget", { url });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  async function evaluate(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", params, sessionId);
    if (exceptionDetails) throw new Error(`Cannot evaluate: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: unknown }).value;
  }
  const isThere = `location.href === ${JSON.stringify(url)} && document.readyState === "complete"`;
  await until(async () => (await evaluate(isThere)) === true, { what: `the page at ${url}` });
  return {
    version: String(product).replace(/.*\//, ""),
    evaluate,
    async close() {
      await send("Browser.close");
      await exited;
      await rm(profile, { recursive: true, force: true });
    },
  };
}

type Result = Record<string, unknown>;
type Send = (method: string, params?: object, sessionId?: unknown) => Promise<Result>;

/** The protocol: JSON in both directions, with a zero byte after each message. */
function devTools({ commands, answers }: { commands: Writable; answers: Readable }): Send {
  const waiting = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>();
  let text = "";
  answers.setEncoding("utf8").on("data", (chunk: string) => {
    const messages = (text + chunk).split("\0");
    text = messages.pop() ?? "";
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message);
      if (error) waiting.get(id)?.reject(new Error(`Chromium: ${error.message}`));
      else waiting.get(id)?.resolve(result);
      waiting.delete(id);
    }
  });
  answers.once("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("Chromium ended"));
  });
  let id = 0;
  return (method, params = {}, sessionId) => {
    id += 1;
    commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
}

/** The folder of the browser and of the libraries that it brings along, unpacked once for each version. */
async function unpacked(): Promise<string> {
  const { version } = createRequire(import.meta.url)(packageFile) as { version: string };
  const folder = join(cache, version);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(`${folder}-`);
  const part = async (name: string) =>
    promisify(brotliDecompress)(await readFile(join(dirname(packageFile), "bin", name)));
  await writeFile(join(half, "chromium"), await part("chromium.br"), { mode: 0o755 });
  const archive = join(half, "libraries.tar");
  await writeFile(archive, await part("al2023.tar.br"));
  await promisify(execFile)("tar", ["-xf", archive, "-C", half]);
  await rm(archive);
  // Whoever comes second finds the other's folder there, which holds the same.
  await rename(half, folder).catch(() => rm(half, { recursive: true }));
  return folder;
}
