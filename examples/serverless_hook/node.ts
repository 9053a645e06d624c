import { createServer, type Server } from "node:http";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { connect } from "../../runtime/node.ts";
import { fileStore } from "./file_store.ts";
import { answerTo, type HookOptions, runHook } from "./hook.ts";

/** The hook as a server of node:http; a caller that goes away ends the run. */
export function hookServer(options: Omit<HookOptions, "signal">): Server {
  return createServer(async (request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    if (request.method !== "POST") return void response.writeHead(405).end("POST calls the hook\n");
    try {
      const { status, body } = answerTo(await runHook({ ...options, signal: gone.signal }));
      response.writeHead(status, { "content-type": "application/json" }).end(`${body}\n`);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500).end(`${error}\n`);
    }
  });
}

// node dist/examples/serverless_hook/node.js: the cluster of the kubeconfig, the checkpoint in this folder.
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { transport } = await connect();
  hookServer({ transport, store: fileStore(".") }).listen(8080, "127.0.0.1");
}
