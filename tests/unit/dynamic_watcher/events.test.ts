import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, configMaps, namespace, secret, startedWorld, World, watcher } from "./harness.ts";

const [web, other] = [watcher("web"), watcher("other")];
const db = secret("db");

describe("transition events", () => {
  it("are one for each watched identifier that is touched, however many watch it", async () => {
    const { dynamicWatcher, api, transitions } = await startedWorld();
    for (const id of [web, other]) {
      await dynamicWatcher.addOrUpdateWatcher(id, [configMap("a"), configMaps(""), configMaps("app=web")]);
    }
    api.put(configMap("a"));
    await settle();
    expect(transitions.map(({ type, watched }) => [type, watched.name ?? watched.selector])).toEqual([
      ["ADDED", "a"],
      ["ADDED", ""],
    ]);
    transitions.length = 0;
    api.put(configMap("a"), { labels: { app: "web" } });
    await settle();
    expect(transitions.map(({ type, watched }) => [type, watched.name ?? watched.selector])).toEqual([
      ["MODIFIED", "a"],
      ["MODIFIED", ""],
      ["ADDED", "app=web"],
    ]);
  });

  it("come neither for a first list nor for a list that shows nothing new", async () => {
    const { dynamicWatcher, api, clock, transitions } = await startedWorld();
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    api.compacted = true;
    api.stream(db).break();
    await clock.advance(120_000);
    expect(transitions).toEqual([]);
  });

  it("and causes carry frozen canonical copies, of watched and watcher", async () => {
    const mine = { ...namespace("team"), group: "", namespace: "ns" };
    const world = await startedWorld();
    await world.dynamicWatcher.addWatcher({ ...web, group: "" }, mine);
    mine.name = "changed";
    world.api.put(namespace("team"));
    await settle();
    const [run] = world.runs;
    const cause = run?.causes[0];
    expect(run?.watcher).toEqual(web);
    expect(world.transitions[0]?.watched).toEqual(namespace("team"));
    expect(cause).toMatchObject({ watched: namespace("team") });
    for (const id of [run?.watcher, world.transitions[0]?.watched]) expect(Object.isFrozen(id)).toBe(true);
  });
});

describe("the other events", () => {
  it("tell the life of each stream, of the start and of the stop", async () => {
    const { dynamicWatcher, api, clock } = new World();
    const heard: string[] = [];
    dynamicWatcher.addEventListener("started", () => heard.push("started"));
    dynamicWatcher.addEventListener("stopped", () => heard.push(`stopped: ${clock.pending} timers`));
    dynamicWatcher.addEventListener("stream", ({ spec, state }) => {
      heard.push(`${spec.resource.resource} ${state.state}`);
    });
    await dynamicWatcher.start();
    await dynamicWatcher.addWatcher(web, db);
    api.held.add("secrets");
    api.stream(db).break();
    await settle();
    api.stream(db).refuse(503);
    api.held.clear();
    await clock.advance(60_000);
    await dynamicWatcher.stop();
    expect(heard).toEqual([
      "started",
      "secrets starting",
      "secrets live",
      "secrets retrying",
      "secrets live",
      "secrets ended",
      "stopped: 0 timers",
    ]);
  });

  it("are not made when nobody listens", async () => {
    const world = await startedWorld();
    const made: string[] = [];
    class Spy extends Event {
      constructor(type: string) {
        super(type);
        made.push(type);
      }
    }
    const original = globalThis.Event;
    globalThis.Event = Spy;
    try {
      await world.dynamicWatcher.stop();
      await world.dynamicWatcher.start();
    } finally {
      globalThis.Event = original;
    }
    expect(made).toEqual([]);
  });
});
