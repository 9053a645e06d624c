import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  ApiClient,
  DynamicWatcher,
  type ObjectIdentifier,
  type StreamState,
  type Transport,
} from "../../../mod.ts";
import { faults, withFaults } from "../../../transports/faults.ts";
import { type MemoryApiServer, memoryApiServer } from "../../../transports/memory/mod.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";
import { NarrowTransport } from "../../fixtures/narrow_transport.ts";
import { configMap, standing, watcher } from "./harness.ts";

const COUNT = 10;
const NAMES = Array.from({ length: COUNT }, (_, index) => `cm-${index}`);
/** Two streams at a time, a second each: after this long everyone has had a turn. */
const ROUND_MS = (COUNT / 2 + 2) * 1000;

interface ConfigMap {
  readonly data: { readonly value: string };
}

describe("a DynamicWatcher with more identifiers than its transport has streams", () => {
  let clock: FakeClock;
  let server: MemoryApiServer;
  let transport: NarrowTransport;
  let dynamicWatcher: DynamicWatcher;
  let told: string[];
  let states: Map<string, StreamState["state"][]>;

  beforeEach(async () => {
    clock = new FakeClock();
    server = memoryApiServer({ clock });
    await server.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "ns" } });
    for (const name of NAMES) await put(name, "0");
    transport = new NarrowTransport(server.transport(), { connections: 3, streams: 2 });
    dynamicWatcher = await watching(transport);
  });
  afterEach(() => dynamicWatcher.stop());

  async function watching(via: Transport): Promise<DynamicWatcher> {
    told = [];
    states = new Map();
    const created = new DynamicWatcher({
      transport: via,
      clock,
      cache: true,
      logger: false,
      reconcile: (_, { causes }) => {
        for (const cause of causes) if ("watched" in cause) told.push(`${cause.type} ${cause.watched.name}`);
      },
    });
    created.addEventListener("stream", ({ spec, state }) => {
      const name = spec.fieldSelector ?? "";
      states.set(name, [...(states.get(name) ?? []), state.state]);
    });
    await created.start();
    return created;
  }

  function put(name: string, value: string): Promise<object> {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: configMap(name), data: { value } };
    return value === "0" ? server.create(object) : server.patch(configMap(name), { data: { value } });
  }

  const addAll = (ids: readonly ObjectIdentifier[] = NAMES.map(configMap)) =>
    Promise.all(ids.map((id) => dynamicWatcher.addWatcher(watcher("web"), id)));
  const seen = (names = NAMES) =>
    names.map((name) => dynamicWatcher.getFromCache<ConfigMap>(configMap(name))?.data.value);

  it("has them all at once, and lets none of them wait for a turn before it is known", async () => {
    await addAll(); // the clock stands still meanwhile
    expect(seen()).toEqual(NAMES.map(() => "0"));
    expect(dynamicWatcher.watchCount).toBe(COUNT);
    expect(dynamicWatcher.streamCount).toBe(2);
  });

  it("would wait for ever without a budget", async () => {
    const narrow = new NarrowTransport(server.transport(), { connections: 3 });
    const careless = await watching(narrow);
    const all = Promise.all(NAMES.map((name) => careless.addWatcher(watcher("web"), configMap(name))));
    void all.catch(() => {});
    await clock.advance(1000);
    expect(await standing(all)).toBe("pending");
    expect(narrow.openStreams).toBe(3);
    await careless.stop();
  });

  it("tells every change within a round, with no more than its streams, and says who waits", async () => {
    await addAll();
    for (let round = 1; round <= 5; round++) {
      for (const name of NAMES) await put(name, `${round}`);
      await clock.advance(ROUND_MS);
      expect(seen()).toEqual(NAMES.map(() => `${round}`));
    }
    const changes = told.filter((line) => line.startsWith("MODIFIED"));
    for (const name of NAMES) {
      expect(changes.filter((line) => line === `MODIFIED ${name}`).length).toBe(5);
      expect(states.get(`metadata.name=${name}`)).toContain("waiting");
      expect(states.get(`metadata.name=${name}`)).toContain("live");
      expect(states.get(`metadata.name=${name}`)).not.toContain("retrying");
    }
    expect(transport.mostStreams).toBe(2);
  });

  it("lets plain requests through at any time", async () => {
    await addAll();
    const client = new ApiClient(transport, { clock, logger: false });
    for (let step = 0; step < 20; step++) {
      await clock.advance(313);
      expect(await standing(client.get(configMap("cm-3")))).toBe("resolved");
    }
  });

  it("tells what was deleted and made again while it waited", async () => {
    await addAll();
    await clock.advance(ROUND_MS);
    told.splice(0);
    for (const name of NAMES) await server.delete(configMap(name));
    for (const name of NAMES) await put(name, "0");
    await clock.advance(ROUND_MS);
    for (const name of NAMES) {
      expect(told.filter((line) => line.endsWith(name))).toEqual([`DELETED ${name}`, `ADDED ${name}`]);
    }
  });

  it("gets over versions that are too old, and wakes nobody in vain", async () => {
    await addAll();
    await clock.advance(ROUND_MS);
    told.splice(0);
    server.restart();
    await put("cm-7", "1");
    await clock.advance(10 * ROUND_MS);
    expect(told).toEqual(["MODIFIED cm-7"]);
    expect(seen()[7]).toBe("1");
    expect(transport.mostStreams).toBe(2);
  });

  it("gives the turns of what is not watched any more to the others", async () => {
    await addAll();
    await dynamicWatcher.addOrUpdateWatcher(watcher("web"), [configMap("cm-8"), configMap("cm-9")]);
    await clock.advance(ROUND_MS);
    expect(dynamicWatcher.streamCount).toBe(2);
    for (const seenStates of states.values()) seenStates.splice(0);
    await clock.advance(10 * ROUND_MS);
    // Now there are enough, and nobody gives way.
    expect([...states.values()].flat()).toEqual([]);
  });

  it("ends all with a stop, whoever waits", async () => {
    await addAll();
    await clock.advance(1500);
    expect(await standing(dynamicWatcher.stop())).toBe("resolved");
    await settle();
    expect([transport.openStreams, server.openWatches, clock.pending]).toEqual([0, 0, 0]);
    for (const seenStates of states.values()) expect(seenStates.at(-1)).toBe("ended");
  });

  it("goes on around a stream that stands still in the middle of a frame", async () => {
    const stuck = withFaults(transport, {}, { clock });
    await dynamicWatcher.stop();
    dynamicWatcher = await watching(stuck);
    const names = ["cm-0", "cm-1", "cm-2"];
    await addAll(names.map(configMap));
    stuck.breakStreams(faults.silence({ afterBytes: 10 }), { where: ({ name }) => name === "cm-0" });
    await put("cm-0", "1");
    for (let round = 1; round <= 5; round++) {
      await put("cm-1", `${round}`);
      await put("cm-2", `${round}`);
      await clock.advance(4000);
      expect(seen(names)).toEqual(["0", `${round}`, `${round}`]);
    }
  });

  it("shares the transport's streams with another DynamicWatcher", async () => {
    const mine = dynamicWatcher;
    await addAll();
    const other = await watching(transport);
    const id = configMap("cm-0");
    await other.addWatcher(watcher("other"), id);
    for (let round = 1; round <= 3; round++) {
      await put("cm-0", `${round}`);
      await clock.advance(ROUND_MS + 1000);
      expect(other.getFromCache<ConfigMap>(id)?.data.value).toBe(`${round}`);
      expect(mine.getFromCache<ConfigMap>(id)?.data.value).toBe(`${round}`);
    }
    expect(transport.mostStreams).toBe(2);
    await other.stop();
  });
});
