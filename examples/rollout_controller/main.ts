import process from "node:process";
import { parseArgs } from "node:util";
import type { Transport } from "../../mod.ts";
import { connect } from "../../runtime/node.ts";
import { memoryApiServer } from "../../transports/memory/mod.ts";
import { OPT_IN, RolloutController } from "./controller.ts";
import { formatReport } from "./report.ts";
import { tellStory } from "./story.ts";

const HELP = `Rolls Deployments out when a ConfigMap or Secret changes that their pods read.

  npm start                          a short story on an API server inside this process
  npm start -- --kubeconfig FILE     on a real cluster, until it is interrupted

A Deployment takes part with the annotation ${OPT_IN}: "true".

  --kubeconfig FILE   the kubeconfig to connect with
  --context NAME      the context to take, by default the kubeconfig's current one
  --namespace NAME    the namespace whose Deployments are looked after, by default all
  --help              this text`;

interface Arguments {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  readonly help: boolean;
}

function parseArguments(): Arguments {
  const {
    kubeconfig,
    context,
    namespace,
    help = false,
  } = parseArgs({
    options: {
      kubeconfig: { type: "string" },
      context: { type: "string" },
      namespace: { type: "string" },
      help: { type: "boolean" },
    },
  }).values;
  if (kubeconfig === "") throw new Error("--kubeconfig needs the name of a file");
  if (!kubeconfig && (context || namespace)) throw new Error("--context and --namespace need --kubeconfig");
  return { kubeconfig, context, namespace, help };
}

async function main({ kubeconfig, context, namespace, help }: Arguments): Promise<void> {
  if (help) return console.log(HELP);
  if (!kubeconfig) return tellStory(memoryApiServer().transport(), console.log);
  const { transport, server } = await connect({ kubeconfig, context });
  try {
    await control(transport, {
      namespace,
      place: `${namespace ? `namespace ${namespace}` : "all namespaces"} of ${server}`,
    });
  } finally {
    await transport.close();
  }
}

/** Controls a cluster until this process is told to end. */
async function control(
  transport: Transport,
  { namespace, place }: { namespace: string | undefined; place: string },
): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interruption.abort());
  const { signal } = interruption;
  const interrupted = new Promise((resolve) => signal.addEventListener("abort", resolve));
  const controller = new RolloutController({
    transport,
    namespace,
    report(report) {
      if (report.type === "trouble") console.error(formatReport(report));
      else if (report.type !== "current") console.log(formatReport(report));
    },
  });
  try {
    await controller.start({ signal });
    console.log(`Watching the Deployments in ${place}; interrupt to stop`);
    await interrupted;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await controller.stop();
  }
  console.log("Stopped");
}

function fail(error: unknown, exitCode: number): void {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCode;
}

let given: Arguments | undefined;
try {
  given = parseArguments();
} catch (error) {
  fail(error, 2);
  console.error(`\n${HELP}`);
}
if (given) await main(given).catch((error) => fail(error, 1));
