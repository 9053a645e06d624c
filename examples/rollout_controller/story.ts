import { ApiClient, type Transport } from "../../mod.ts";
import { OPT_IN, RolloutController } from "./controller.ts";
import { formatReport, type Report } from "./report.ts";
import { ReportQueue } from "./report_queue.ts";

const NAMESPACE = "default";
const web = { group: "apps", version: "v1", kind: "Deployment", namespace: NAMESPACE, name: "web" };
const db = { version: "v1", kind: "Secret", namespace: NAMESPACE, name: "db" };
const app = { version: "v1", kind: "ConfigMap", namespace: NAMESPACE, name: "app" };
const other = { version: "v1", kind: "ConfigMap", namespace: NAMESPACE, name: "other" };

/**
 * Plays a short story with a controller on an API server that has none of its objects yet, and prints each step and
 * what the controller makes of it.
 */
export async function tellStory(transport: Transport, print: (line: string) => void): Promise<void> {
  const client = new ApiClient(transport);
  const reports = new ReportQueue();
  const controller = new RolloutController({
    transport,
    namespace: NAMESPACE,
    report(report) {
      if (report.type !== "current") print(`    ${formatReport(report)}`);
      reports.add(report);
    },
  });

  /** Says what happens, lets it happen, and waits until the controller has reported each of `expected`, in order. */
  async function step(
    text: string,
    act: () => Promise<unknown>,
    ...expected: Report["type"][]
  ): Promise<void> {
    print(`> ${text}`);
    reports.clear();
    await act();
    for (const type of expected) await reports.next(type);
    print(`    (watched: ${controller.watchCount})`);
  }

  try {
    await createObjects(client);
    await step(
      "The controller starts. web takes part and names Secret db and ConfigMap app; plain does not take part",
      () => controller.start(),
      "watches",
      "rollout",
      "current",
    );
    await step(
      "Somebody changes the password in Secret db",
      () => client.patch(db, { data: { password: btoa("changed") } }, { type: "merge" }),
      "rollout",
      "current",
    );
    await step("Somebody changes ConfigMap other, which nobody names", () =>
      client.patch(other, { data: { colour: "green" } }, { type: "merge" }),
    );
    await step(
      "web stops naming ConfigMap app",
      () => client.patch(web, { spec: { template: { spec: { volumes: null } } } }, { type: "merge" }),
      "watches",
      "rollout",
      "current",
    );
    await step("Somebody changes ConfigMap app, which nobody names any more", () =>
      client.patch(app, { data: { colour: "green" } }, { type: "merge" }),
    );
    await step(
      "Secret db is deleted: the pods run on, new ones could not start",
      () => client.delete(db),
      "waits",
    );
    await step(
      "Secret db is back, with another password",
      () => client.create(secret("another")),
      "rollout",
      "current",
    );
    await step(
      "web takes part no longer",
      () => client.patch(web, { metadata: { annotations: { [OPT_IN]: null } } }, { type: "merge" }),
      "released",
    );
  } finally {
    await controller.stop();
  }
  print("> The controller stops");
}

async function createObjects(client: ApiClient): Promise<void> {
  await client.create(secret("first"));
  for (const { name } of [app, other]) {
    await client.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: NAMESPACE },
      data: { colour: "blue" },
    });
  }
  await client.create(deployment("web", { [OPT_IN]: "true" }));
  await client.create(deployment("plain", {}));
}

function secret(password: string): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: db.name, namespace: NAMESPACE },
    data: { password: btoa(password) },
  };
}

/** A Deployment that takes a variable from Secret db and files from ConfigMap app. */
function deployment(name: string, annotations: Record<string, string>): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE, annotations },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: "main",
              image: "registry.example/main:1",
              env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: db.name, key: "password" } } }],
            },
          ],
          volumes: [{ name: "settings", configMap: { name: app.name } }],
        },
      },
    },
  };
}
