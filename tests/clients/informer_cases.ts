import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { ClientProgram } from "./client_program.ts";
import { type ClientWorld, EmbeddedWorld, RealWorld } from "./client_world.ts";
import type { Client } from "./describe_client.ts";

/** A program that prints "synced" and "add|update|delete NAME COLOUR" for the ConfigMaps of the namespace default. */
export interface InformerProgram {
  readonly client: Client;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** Whether it asks for lists as streams. */
  readonly listsByStream: boolean;
}

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const STREAMING_LIST = "sendInitialEvents=true";
const ONE = { version: "v1", kind: "ConfigMap", namespace: "default", name: "one" };

/** Tests that an informer which is not ours sees all that happens, on the embedded API server and on a real one. */
export function defineInformerCases({ client, args, env = {}, listsByStream }: InformerProgram): void {
  let program: ClientProgram;

  const start = async (world: ClientWorld) => {
    program = new ClientProgram(client, { args, env, kubeconfig: world.kubeconfig });
    const lines = await program.next(3);
    expect(lines.sort()).toEqual(["add one red", "add two red", "synced"]);
  };

  /** client-go lists again after a short watch that brought nothing; after this, none was. */
  const hearOfOne = async (world: ClientWorld) => {
    await recolour(world, "blue");
    expect(await program.next(1)).toEqual(["update one blue"]);
  };

  describe("on the embedded API server over HTTP", () => {
    let world: EmbeddedWorld;

    beforeEach(async () => {
      world = await EmbeddedWorld.start();
      await createTwo(world);
      await start(world);
      await until(() => world.server.openWatches === 1, { what: "the client to watch" });
    });

    afterEach(async () => {
      await program?.close();
      await world?.close();
    });

    it("sees each change", async () => {
      await changeThree(world);
      expect(await program.next(3)).toEqual(["update one green", "add three red", "delete two red"]);
      expect(world.server.requests.some(({ path }) => path.includes(STREAMING_LIST))).toBe(listsByStream);
    });

    const interruptions = {
      "its watch has ended": () => world.server.endWatches(),
      "its connection broke": () => world.server.dropConnections(),
    };
    for (const [what, interrupt] of Object.entries(interruptions)) {
      it(`goes on where it was when ${what}`, async () => {
        await hearOfOne(world);
        const before = lists(world);
        interrupt();
        await changeThree(world);
        expect(await program.next(3)).toEqual(["update one green", "add three red", "delete two red"]);
        expect(lists(world)).toBe(before);
      });
    }

    it("lists again when its version is too old, and then sees what it missed", async () => {
      await hearOfOne(world);
      const before = lists(world);
      world.server.endWatches();
      await changeThree(world);
      world.server.compact();
      const missed = await program.next(3);
      expect(missed.sort()).toEqual(["add three red", "delete two red", "update one green"]);
      expect(lists(world)).toBeGreaterThan(before);
      await recolour(world, "white");
      expect(await program.next(1)).toEqual(["update one white"]);
    });

    it("lives through a server that is down, and one that was started again", async () => {
      world.server.down = true;
      world.server.restart();
      await world.server.patch(ONE, { data: { colour: "green" } });
      const refused = world.server.requests.length + 2;
      await until(() => world.server.requests.length >= refused, { what: "the client to be refused twice" });
      world.server.down = false;
      expect(await program.next(1)).toEqual(["update one green"]);
      await world.server.delete(ONE);
      expect(await program.next(1)).toEqual(["delete one green"]);
    });
  });

  describeReal("on a real kube-apiserver", () => {
    let world: RealWorld;

    beforeEach(async () => {
      world = await RealWorld.start();
      await createTwo(world);
      await start(world);
    });

    afterEach(async () => {
      await program?.close();
      await world?.close();
    });

    it("sees each change, also after a crash of the server", async () => {
      await changeThree(world);
      expect(await program.next(3)).toEqual(["update one green", "add three red", "delete two red"]);
      await world.controlPlane.stopApiServer();
      await world.controlPlane.startApiServer();
      await recolour(world, "blue");
      expect(await program.next(1)).toEqual(["update one blue"]);
    });
  });
}

async function createTwo(world: ClientWorld): Promise<void> {
  for (const name of ["one", "two"]) await create(world, name);
}

/** One of each kind of change. */
async function changeThree(world: ClientWorld): Promise<void> {
  await recolour(world, "green");
  await create(world, "three");
  await world.call("DELETE", `${CONFIG_MAPS}/two`);
}

async function create(world: ClientWorld, name: string): Promise<void> {
  await world.call("POST", CONFIG_MAPS, { body: { metadata: { name }, data: { colour: "red" } } });
}

async function recolour(world: ClientWorld, colour: string): Promise<void> {
  await world.call("PATCH", `${CONFIG_MAPS}/one`, { body: { data: { colour } } });
}

/** How many lists of ConfigMaps were asked for, streaming ones too. */
function lists({ server }: EmbeddedWorld): number {
  return server.requests.filter(
    ({ method, path }) =>
      method === "GET" &&
      path.startsWith(CONFIG_MAPS) &&
      (!path.includes("watch=") || path.includes(STREAMING_LIST)),
  ).length;
}
