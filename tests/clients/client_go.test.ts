import { expect } from "@std/expect";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { widgetDefinition } from "../fixtures/widget_definition.ts";
import { ClientProgram } from "./client_program.ts";
import { type ClientWorld, EmbeddedWorld, RealWorld } from "./client_world.ts";
import { clientGo, describeClient } from "./describe_client.ts";
import { defineInformerCases } from "./informer_cases.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS = widgetDefinition();

/** What a session with the server prints, on either server. */
const SESSION = [
  "version: v1.35.4",
  "mapping: Pod v1 pods namespace",
  "mapping: Node v1 nodes root",
  "mapping: Deployment.apps apps/v1 deployments namespace",
  "mapping: Widget.example.com example.com/v1 widgets namespace",
  "mapping: Nothing no match",
  "short name: deploy deployments.apps",
  "short name: cm configmaps",
  "short name: wd widgets.example.com",
  'create: settings {"colour":"red"}',
  "create again: AlreadyExists",
  'get: settings {"colour":"red"}',
  'update: settings {"colour":"green"}',
  "update of a stale version: Conflict",
  'merge patch: settings {"colour":"blue"}',
  'json patch: settings {"colour":"black"}',
  'apply: applied {"colour":"white"}',
  "apply against another manager: Conflict",
  'apply with force: applied {"colour":"pink"}',
  "list: applied then 1 more",
  "delete: done",
  "delete again: NotFound",
  "delete all: done",
  "get of what is gone: NotFound",
];

describeClient(clientGo, () => {
  const informer = { client: clientGo, args: ["informer", "configmaps.v1.", "default"] };

  describe("the dynamic informer, with streaming lists", () => {
    const env = { KUBE_FEATURE_WatchListClient: "true" };
    defineInformerCases({ ...informer, env, listsByStream: true });
  });

  describe("the dynamic informer, with plain lists", () => {
    const env = { KUBE_FEATURE_WatchListClient: "false" };
    defineInformerCases({ ...informer, env, listsByStream: false });
  });

  describe("the dynamic informer, for a custom kind", () => {
    let world: EmbeddedWorld;
    let program: ClientProgram;

    beforeEach(async () => {
      world = await EmbeddedWorld.start();
      await createKind(world);
      const args = ["informer", "widgets.v1.example.com", "default"];
      program = new ClientProgram(clientGo, { args, kubeconfig: world.kubeconfig });
    });

    afterEach(async () => {
      await program.close();
      await world.close();
    });

    it("sees its objects go with the kind, and come when it is back", async () => {
      expect(await program.next(1)).toEqual(["synced"]);
      await createWidget(world);
      expect(await program.next(1)).toEqual(["add one red"]);
      await world.call("DELETE", `${CRDS}/${WIDGETS.metadata.name}`);
      expect(await program.next(1)).toEqual(["delete one red"]);
      await createKind(world);
      await createWidget(world);
      expect(await program.next(1)).toEqual(["add one red"]);
    });
  });

  const defineSession = (start: () => Promise<ClientWorld>) => {
    let world: ClientWorld;
    let program: ClientProgram;

    beforeAll(async () => {
      world = await start();
      await createKind(world);
    });

    afterAll(async () => {
      await program?.close();
      await world?.close();
    });

    it("discovery, the mapper and the dynamic client's verbs", async () => {
      program = new ClientProgram(clientGo, {
        args: ["session", "default"],
        kubeconfig: world.kubeconfig,
      });
      expect(await program.output()).toEqual(SESSION);
    });
  };

  describe("a session on the embedded API server over HTTP", () => defineSession(EmbeddedWorld.start));
  describeReal("a session on a real kube-apiserver", () => defineSession(RealWorld.start));
});

/** Makes the custom kind; it can be used when this resolves. */
async function createKind(world: ClientWorld): Promise<void> {
  await world.call("POST", CRDS, { body: WIDGETS });
  await until(async () => (await world.call("GET", "/apis/example.com/v1/widgets")) !== undefined, {
    what: "the custom kind to be served",
  });
}

async function createWidget(world: ClientWorld): Promise<void> {
  await world.call("POST", "/apis/example.com/v1/namespaces/default/widgets", {
    body: {
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name: "one" },
      data: { colour: "red" },
    },
  });
}
