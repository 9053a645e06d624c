// Runs inside Bun: streams_program.ts FILE. Watches objects over two transports, more than Bun has connections, and
// prints what came of it as a line of JSON. It waits for the end of its input before it ends.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { connect } from "../../../runtime/bun.ts";
import { fetchTransport } from "../../../transports/fetch.ts";
import { streamsOutcome } from "./streams_outcome.ts";

const [file = ""] = process.argv.slice(2);
const { url, names } = JSON.parse(await readFile(file, "utf8"));
const kubeconfigText = JSON.stringify({
  "current-context": "here",
  clusters: [{ name: "here", cluster: { server: url } }],
  users: [],
  contexts: [{ name: "here", context: { cluster: "here" } }],
});
const { transport } = await connect({ kubeconfigText });
const outcome = await streamsOutcome([transport, fetchTransport({ baseUrl: url })], { names });
process.stdout.write(`${JSON.stringify(outcome)}\n`);
for await (const _ of process.stdin);
