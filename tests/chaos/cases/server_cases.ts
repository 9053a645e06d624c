import { setTimeout as delay } from "node:timers/promises";
import { assertThat, type ChaosCase } from "../chaos_case.ts";
import type { ChaosWorld } from "../chaos_world.ts";
import { kindsOf } from "../population.ts";

const apiServerKilled: ChaosCase = {
  name: "api-server-killed",
  done: "kill -9 of kube-apiserver, a restart after 1 s",
  wantsServerAlone: true,
  async strike(world) {
    const { controlPlane } = world;
    await outage(world, {
      of: "the API server",
      stop: () => controlPlane.stopApiServer(),
      lastsMs: 1_000,
      start: () => controlPlane.startApiServer(),
    });
  },
};

const historyLost: ChaosCase = {
  name: "history-lost",
  done: "no connection while objects change, etcd compacted, kill -9 and restart of kube-apiserver: 410 for all",
  wantsServerAlone: true,
  async strike(world) {
    const { controlPlane, relay } = world;
    await compactUnseen(world);
    await controlPlane.stopApiServer();
    await controlPlane.startApiServer();
    await relay.accept();
  },
  findIdle({ witness, namespace }) {
    const resumed = kindsOf(namespace).find(({ kind }) => !witness.relisted.has(kind));
    return resumed && `what happened to ${resumed.kind} was not forgotten`;
  },
};

const etcdKilled: ChaosCase = {
  name: "etcd-killed",
  done: "kill -9 of etcd, connections cut, a restart of etcd after 3 s",
  wantsServerAlone: true,
  async strike(world) {
    const { controlPlane, relay } = world;
    await outage(world, {
      of: "etcd",
      async stop() {
        await controlPlane.stopEtcd();
        relay.cut();
      },
      lastsMs: 3_000,
      start: () => controlPlane.startEtcd(),
    });
  },
};

const compacted: ChaosCase = {
  name: "etcd-compacted",
  done: "no connection while objects change, etcd compacted: 410 for Events, which are read from etcd",
  wantsServerAlone: true,
  async strike(world) {
    await compactUnseen(world);
    await world.relay.accept();
  },
  findIdle({ witness }) {
    return witness.relisted.has("Event") ? undefined : "what happened to Events was not forgotten";
  },
};

const CERTIFICATES_RENEWED = "certificates-renewed";

const certificatesRenewed: ChaosCase = {
  name: CERTIFICATES_RENEWED,
  done: "a new authority; the certificates of server and client by it, the former refused; connections cut",
  wantsServerAlone: true,
  async prepare(controlPlane) {
    const certificate = await controlPlane.clientCertificate({ commonName: CERTIFICATES_RENEWED });
    await controlPlane.addAuthority();
    return { certificate };
  },
  async strike(world) {
    const { controlPlane, relay } = world;
    const closeFormer = await world.renewTransport(
      await controlPlane.clientCertificate({ commonName: CERTIFICATES_RENEWED }),
    );
    await controlPlane.renewCertificates();
    await world.written(50);
    relay.cut();
    await closeFormer();
  },
};

async function outage(
  world: ChaosWorld,
  {
    of,
    stop,
    lastsMs,
    start,
  }: { of: string; stop: () => Promise<void>; lastsMs: number; start: () => Promise<void> },
): Promise<void> {
  await world.written(50);
  await stop();
  await delay(lastsMs);
  assertThat(world.writer.failures > 0, `every write was answered while ${of} was down`);
  await start();
}

/** Lets nobody see how objects change, and etcd forget it. */
async function compactUnseen(world: ChaosWorld): Promise<void> {
  const { relay, controlPlane } = world;
  await relay.refuse();
  await world.written(100);
  await controlPlane.compact();
}

/** What goes wrong with the server. */
export const serverCases: readonly ChaosCase[] = [
  apiServerKilled,
  historyLost,
  etcdKilled,
  compacted,
  certificatesRenewed,
];
