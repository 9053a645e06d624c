import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { canonicalize } from "../../../lib/kubernetes/identifier.ts";
import type { Call } from "../../../lib/watchers/call.ts";
import { WatcherState } from "../../../lib/watchers/watcher_state.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { held, rejection } from "../../fixtures/fake_api.ts";
import { settle } from "../../fixtures/fake_clock.ts";

const web = canonicalize({ version: "v1", kind: "ConfigMap", namespace: "ns", name: "web" });
const reason = new Error("enough");

/** A call whose work the test ends. */
function begin(state: WatcherState, signal?: AbortSignal) {
  const work = held<string>();
  const seen: { call?: Call; ended: number } = { ended: 0 };
  const result = state.call(
    (call) => {
      seen.call = call;
      return work.promise;
    },
    {
      signal,
      onEnded: () => {
        seen.ended += 1;
      },
    },
  );
  result.catch(() => {});
  return { work, seen, result };
}

describe("a call of a watcher", () => {
  it("gives what its work gives, and is then forgotten", async () => {
    const state = new WatcherState(web);
    const { signal, ...counted } = countedSignal();
    const { work, seen, result } = begin(state, signal);
    expect([state.idle, seen.call?.signal.aborted]).toEqual([false, false]);
    work.resolve("done");
    expect(await result).toBe("done");
    await settle();
    expect([state.idle, seen.ended, counted.listeners]).toEqual([true, 1, 0]);
  });

  const endings: [string, (state: WatcherState, abort: (reason: unknown) => void) => unknown][] = [
    ["its own signal", (_, abort) => abort(reason)],
    ["abortCalls", (state) => state.abortCalls(reason)],
  ];
  for (const [what, end] of endings) {
    it(`is rejected by ${what} at once, though its work still cleans up`, async () => {
      const state = new WatcherState(web);
      const counted = countedSignal();
      const { work, seen, result } = begin(state, counted.signal);
      end(state, counted.abort);
      expect(seen.call?.signal.reason).toBe(reason);
      expect(await rejection(result)).toBe(reason);
      expect([state.idle, seen.ended]).toEqual([false, 0]);
      work.reject(new Error("cleaned up"));
      await settle();
      expect([state.idle, seen.ended, counted.listeners]).toEqual([true, 1, 0]);
    });

    it(`is not rejected by ${what} once it has settled`, async () => {
      const state = new WatcherState(web);
      const counted = countedSignal();
      const { work, seen, result } = begin(state, counted.signal);
      seen.call?.settle();
      end(state, counted.abort);
      expect([seen.call?.signal.aborted, counted.listeners]).toEqual([false, 0]);
      work.resolve("done");
      expect(await result).toBe("done");
    });
  }

  it("is waited for by abortCalls until its work has ended", async () => {
    const state = new WatcherState(web);
    const calls = [begin(state), begin(state)];
    let ended = false;
    state.abortCalls(reason).then(() => {
      ended = true;
    });
    calls[0]?.work.resolve("late");
    await settle();
    expect(ended).toBe(false);
    calls[1]?.work.reject(new Error("late"));
    await settle();
    expect(ended).toBe(true);
    for (const { result } of calls) expect(await rejection(result)).toBe(reason);
  });

  it("is rejected at once where its signal has aborted already", async () => {
    const state = new WatcherState(web);
    const { seen, result } = begin(state, AbortSignal.abort(reason));
    expect(seen.call?.signal.aborted).toBe(true);
    expect(await rejection(result)).toBe(reason);
  });
});

describe("the numbers of a watcher's calls", () => {
  it("rise from one", () => {
    const state = new WatcherState(web);
    expect([state.takeNumber(), state.takeNumber(), state.takeNumber()]).toEqual([1, 2, 3]);
  });
});
