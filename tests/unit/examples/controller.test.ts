import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { CHECKSUM, OPT_IN, RolloutController } from "../../../examples/rollout_controller/controller.ts";
import type { PodTemplateLike } from "../../../examples/rollout_controller/references.ts";
import type { Report } from "../../../examples/rollout_controller/report.ts";
import { ReportQueue } from "../../../examples/rollout_controller/report_queue.ts";
import { ApiClient, type Transport } from "../../../mod.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";

const web = { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" };
const db = { version: "v1", kind: "Secret", namespace: "default", name: "db" };

interface Deployment {
  metadata: { resourceVersion: string };
  spec: { template: { metadata: { annotations?: Record<string, string> } } };
}

describe("RolloutController", () => {
  let transport: Transport;
  let client: ApiClient;
  let all: Report[];
  let reports: ReportQueue;
  let controllers: RolloutController[];

  beforeEach(() => {
    transport = memoryApiServer().transport();
    client = new ApiClient(transport);
    all = [];
    reports = new ReportQueue();
    controllers = [];
  });
  afterEach(() => Promise.all(controllers.map((controller) => controller.stop())));

  async function started(
    options: { transport?: Transport; namespace?: string } = {},
  ): Promise<RolloutController> {
    const report = (report: Report) => {
      all.push(report);
      reports.add(report);
    };
    const controller = new RolloutController({ transport, ...options, report });
    controllers.push(controller);
    await controller.start();
    return controller;
  }

  function createDeployment(spec: PodTemplateLike["spec"], metadata: object = {}): Promise<object> {
    const labels = { app: "web" };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: "main", image: "main" }], ...spec },
    };
    return client.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default", annotations: { [OPT_IN]: "true" }, ...metadata },
      spec: { selector: { matchLabels: labels }, template },
    });
  }

  function createSecret(namespace = "default"): Promise<object> {
    return client.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "db", namespace },
      data: { password: "YQ==" },
    });
  }

  async function checksum(): Promise<string | undefined> {
    return (await client.get<Deployment>(web))?.spec.template.metadata.annotations?.[CHECKSUM];
  }

  function count(type: Report["type"]): number {
    return all.filter((report) => report.type === type).length;
  }

  const required = { volumes: [{ secret: { secretName: "db" } }] };
  const optional = { volumes: [{ secret: { secretName: "db", optional: true } }] };

  it("rolls out once, and not again when it starts again", async () => {
    await createSecret();
    await createDeployment(required);
    const first = await started();
    await reports.next("current");
    await first.stop();
    reports.clear();
    const written = await client.get<Deployment>(web);
    await started();
    await reports.next("current");
    expect(count("rollout")).toBe(1);
    expect((await client.get<Deployment>(web))?.metadata).toEqual(written?.metadata);
  });

  it("puts the checksum back when somebody removes it", async () => {
    await createSecret();
    await createDeployment(required);
    await started();
    await reports.next("current");
    const before = await checksum();
    const patch = { spec: { template: { metadata: { annotations: null } } } };
    await client.patch(web, patch, { type: "merge" });
    await reports.next("rollout");
    expect(await checksum()).toBe(before);
  });

  it("does not write over what it has not seen, and comes back to it", async () => {
    await createSecret();
    await createDeployment(required);
    let patches = 0;
    const racing: Transport = {
      async request(request) {
        if (request.method === "PATCH" && request.path.includes("deployments")) {
          patches += 1;
          if (patches === 1)
            await client.patch(web, { metadata: { labels: { seen: "no" } } }, { type: "merge" });
        }
        return transport.request(request);
      },
      close: () => transport.close(),
    };
    await started({ transport: racing });
    await reports.next("current");
    expect([patches, count("rollout"), count("trouble")]).toEqual([2, 1, 0]);
    expect(await checksum()).toBeDefined();
  });

  it("waits for what the pods cannot start without", async () => {
    await createDeployment(required);
    await started();
    await reports.next("waits");
    expect(await checksum()).toBeUndefined();
    await createSecret();
    await reports.next("rollout");
    expect(await checksum()).toBeDefined();
  });

  it("does not wait for what is optional, and rolls out when it comes or goes", async () => {
    await createDeployment(optional);
    await started();
    await reports.next("rollout");
    const without = await checksum();
    await createSecret();
    await reports.next("rollout");
    expect(await checksum()).not.toBe(without);
    await client.delete(db);
    await reports.next("rollout");
    expect(await checksum()).toBe(without);
  });

  it("leaves a Deployment that names nothing as it is", async () => {
    await createDeployment({});
    const controller = await started();
    await reports.next("current");
    expect([count("rollout"), controller.watchCount]).toEqual([0, 2]);
  });

  for (const value of ["false", "", "True"]) {
    it(`leaves a Deployment alone that says ${JSON.stringify(value)}`, async () => {
      await createSecret();
      await createDeployment(required, { name: "other", annotations: { [OPT_IN]: value } });
      await createDeployment(required);
      const controller = await started();
      await reports.next("current");
      expect([count("watches"), controller.watchCount]).toEqual([1, 3]);
    });
  }

  for (const { namespace, watched } of [
    { namespace: "default", watched: 3 },
    { namespace: undefined, watched: 5 },
  ]) {
    it(`looks after ${namespace ?? "all namespaces"}`, async () => {
      await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } });
      for (const name of ["default", "team"]) {
        await createSecret(name);
        await createDeployment(required, { namespace: name });
      }
      const controller = await started(namespace ? { namespace } : {});
      for (let members = (watched - 1) / 2; members > 0; members -= 1) await reports.next("rollout");
      expect(controller.watchCount).toBe(watched);
    });
  }

  it("takes part again after it has left", async () => {
    await createSecret();
    await createDeployment(required);
    const controller = await started();
    await reports.next("current");
    await client.patch(web, { metadata: { annotations: { [OPT_IN]: null } } }, { type: "merge" });
    await reports.next("released");
    expect(controller.watchCount).toBe(1);
    await client.patch(web, { metadata: { annotations: { [OPT_IN]: "true" } } }, { type: "merge" });
    await reports.next("watches");
    expect(controller.watchCount).toBe(3);
  });
});
