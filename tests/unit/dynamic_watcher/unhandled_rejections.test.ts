import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, secret, startedWorld, type World, watcher } from "./harness.ts";

const web = watcher("web");
const db = secret("db");

describe("a failure that nobody waits for any more", () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => unhandled.push(reason);
  beforeEach(() => {
    unhandled.length = 0;
    process.on("unhandledRejection", listen);
  });
  afterEach(() => {
    process.off("unhandledRejection", listen);
  });

  /** Begins what is then given up; each caller looks after its own promise. */
  function begin({ dynamicWatcher }: World, signal: AbortSignal): void {
    const calls = [
      dynamicWatcher.addWatcher(web, db, { signal }),
      dynamicWatcher.addOrUpdateWatcher(web, [db, configMap("a")], { signal }),
      dynamicWatcher.query(watcher("query"), (query) =>
        Promise.all([query.get(db), query.get(configMap("a"))]),
      ),
    ];
    for (const call of calls) call.catch(() => {});
  }

  const endings: [string, (world: World, controller: AbortController) => void][] = [
    ["its callers went away", (_, controller) => controller.abort(new Error("enough"))],
    ["its watchers were removed", ({ dynamicWatcher }) => void dynamicWatcher.removeWatcher(web)],
    ["everything was stopped", ({ dynamicWatcher }) => void dynamicWatcher.stop()],
  ];
  for (const held of ["discovery", "secrets"]) {
    for (const [what, end] of endings) {
      it(`is nobody's unhandled rejection: ${held} fails after ${what}`, async () => {
        for (const ignoresAbort of [false, true]) {
          const world = await startedWorld({ cache: true });
          const { api, clock, dynamicWatcher } = world;
          api.ignoresAbort = ignoresAbort;
          api.held.add(held);
          const controller = new AbortController();
          begin(world, controller.signal);
          await settle();
          end(world, controller);
          for (const call of api.asked(held)) call.break();
          await settle();
          const stopped = dynamicWatcher.stop();
          await clock.advance(10_000);
          await stopped;
        }
        await setImmediate();
        expect(unhandled).toEqual([]);
      });
    }
  }

  it("is none when a start fails that two shared, of whom one has gone", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.held.add("secrets");
    const controller = new AbortController();
    const calls = [
      dynamicWatcher.addWatcher(web, db, { signal: controller.signal }),
      dynamicWatcher.addWatcher(watcher("other"), db),
    ];
    const settled = Promise.allSettled(calls);
    await settle();
    controller.abort();
    api.stream(db).refuse(403);
    await settled;
    await setImmediate();
    expect(unhandled).toEqual([]);
  });
});
