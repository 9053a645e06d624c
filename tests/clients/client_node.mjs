// An informer of @kubernetes/client-node on the ConfigMaps of a namespace, for the tests of the API server in memory:
//
//   node client_node.mjs NAMESPACE
//
// It prints "synced" when its first list is through, and "add|update|delete NAME COLOUR" as it is told. It ends with its
// standard input. KUBECONFIG names the server.
import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, KubeConfig, makeInformer } from "@kubernetes/client-node";

const RESTART_MS = 100;

const [namespace] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromDefault();
const api = config.makeApiClient(CoreV1Api);
const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
  api.listNamespacedConfigMap({ namespace }),
);

for (const event of ["add", "update", "delete"]) {
  informer.on(event, ({ metadata, data }) => console.log(`${event} ${metadata.name} ${data?.colour}`));
}
// It gives up at the first error, and its users are told to start it again.
informer.on("error", async (error) => {
  console.error(`${error}`);
  await delay(RESTART_MS);
  await informer.start();
});

process.stdin.resume().once("end", () => process.exit());
await informer.start();
console.log("synced");
