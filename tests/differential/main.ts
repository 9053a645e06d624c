import { parseArgs } from "node:util";
import { brokenSubject } from "./broken_subject.ts";
import { writeRun } from "./page.ts";
import { failureText } from "./report.ts";
import { mostPassing, run } from "./run.ts";
import { startServers } from "./servers.ts";

const HELP = `Sends random sequences of requests to the embedded API server and to a real kube-apiserver, and compares what they say.

  npm run differential -- [options]

  --runs N      how many sequences of 20 requests; 100 by default
  --seed S      the same seed makes the same sequences; a random one by default
  --path P      only the sequence of this path of the seed, as a failure tells it
  --write FILE  write the known differences and the count of this run into a page
  --break       let the embedded server drop a label: the run must fail
`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100" },
    seed: { type: "string" },
    path: { type: "string" },
    write: { type: "string" },
    break: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const runs = wholeNumber("runs", values.runs);
  const seed = wholeNumber("seed", values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
  console.log(`seed ${seed}`);
  const servers = await startServers();
  try {
    const embedded = values.break ? brokenSubject(servers.embedded) : servers.embedded;
    const { totals, failure } = await run(
      { embedded, real: servers.real },
      { runs, seed, path: values.path },
    );
    for (const line of totals.lines()) console.log(line);
    for (const request of totals.passing) console.log(`did not come again: ${request}`);
    if (failure) {
      console.log(`\n${failureText(failure)}`);
      return 1;
    }
    if (totals.passing.length > mostPassing(runs)) {
      console.log(`more than ${mostPassing(runs)} differences did not come again: that is no accident`);
      return 1;
    }
    console.log("no difference");
    if (values.write !== undefined) await writeRun(values.write, { runs, seed, totals });
    return 0;
  } finally {
    await servers.stop();
  }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isInteger(number)) {
    throw new Error(`Cannot read --${name}: ${JSON.stringify(text)} is no whole number`);
  }
  return number;
}
