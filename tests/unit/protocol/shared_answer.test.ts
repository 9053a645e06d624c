import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { SharedAnswer } from "../../../lib/protocol/shared_answer.ts";
import { held, rejection } from "../../fixtures/fake_api.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";

interface Call {
  readonly previous: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly progress: (() => void) | undefined;
  readonly answer: ReturnType<typeof held<string>>;
}

function scripted(clock = new FakeClock()) {
  const calls: Call[] = [];
  const shared = new SharedAnswer<string>(
    (previous, { signal, onProgress }) => {
      const answer = held<string>();
      calls.push({ previous, signal, progress: onProgress, answer });
      return answer.promise;
    },
    { clock, ttlMs: 1000 },
  );
  return { shared, calls, clock };
}

async function answered(call: Call | undefined, value: string): Promise<void> {
  call?.answer.resolve(value);
  await settle();
}

describe("SharedAnswer", () => {
  it("fetches once for all who ask meanwhile, and again for who asks later", async () => {
    const { shared, calls } = scripted();
    const first = shared.refresh();
    await settle();
    const second = shared.refresh();
    await answered(calls[0], "one");
    expect([await first, await second, calls.length]).toEqual(["one", "one", 1]);
    const third = shared.refresh();
    await settle();
    await answered(calls[1], "two");
    expect([await third, calls[1]?.previous]).toEqual(["two", "one"]);
  });

  it("keeps an answer for its time to live, which each new one renews", async () => {
    const { shared, calls, clock } = scripted();
    for (const round of ["one", "two", "three"]) {
      expect(shared.current).toBe(undefined);
      const answer = shared.refresh();
      await settle();
      await answered(calls.at(-1), round);
      await answer;
      await clock.advance(999);
      expect(shared.current).toBe(round);
      await clock.advance(1);
    }
    expect(calls.map((call) => call.previous)).toEqual([undefined, "one", "two"]);
  });

  it("tells a failure to all who wait, and keeps what it had", async () => {
    const { shared, calls } = scripted();
    const first = shared.refresh();
    await settle();
    await answered(calls[0], "one");
    await first;
    const failures = [shared.refresh(), shared.refresh()].map(rejection);
    await settle();
    const failure = new Error("reset");
    calls[1]?.answer.reject(failure);
    expect(await Promise.all(failures)).toEqual([failure, failure]);
    expect([shared.current, shared.fetching]).toEqual(["one", false]);
  });

  it("lets one caller go without the others, and aborts with the last", async () => {
    const { shared, calls } = scripted();
    const aborts = [new AbortController(), new AbortController()];
    const outcomes = aborts.map(({ signal }) => rejection(shared.refresh({ signal })));
    await settle();
    aborts[0]?.abort(new Error("first"));
    expect(((await outcomes[0]) as Error).message).toBe("first");
    expect(calls[0]?.signal?.aborted).toBe(false);
    aborts[1]?.abort(new Error("second"));
    expect(((await outcomes[1]) as Error).message).toBe("second");
    expect(calls[0]?.signal?.aborted).toBe(true);
    expect(calls[0]?.signal?.reason).toBe(aborts[1]?.signal.reason);
  });

  it("begins a new request for who comes after the last has gone, and ignores the old one", async () => {
    const { shared, calls } = scripted();
    const abort = new AbortController();
    const gone = rejection(shared.refresh({ signal: abort.signal }));
    await settle();
    abort.abort();
    await gone;
    const next = shared.refresh();
    await settle();
    expect(calls.length).toBe(2);
    await answered(calls[0], "too late");
    expect([shared.current, shared.fetching]).toEqual([undefined, true]);
    await answered(calls[1], "one");
    expect([await next, shared.current]).toEqual(["one", "one"]);
  });

  it("rejects who comes with an aborted signal, and fetches nothing", async () => {
    const { shared, calls } = scripted();
    const reason = new Error("enough");
    expect(await rejection(shared.refresh({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    await settle();
    expect(calls.length).toBe(0);
  });

  it("tells progress to all who wait", async () => {
    const { shared, calls } = scripted();
    let progress = 0;
    const onProgress = () => {
      progress += 1;
    };
    const answers = [shared.refresh({ onProgress }), shared.refresh({ onProgress }), shared.refresh()];
    await settle();
    calls[0]?.progress?.();
    expect(progress).toBe(2);
    await answered(calls[0], "one");
    await Promise.all(answers);
    calls[0]?.progress?.();
    expect(progress).toBe(2);
  });

  it("is fetching once the request is under way, and not in the turn before", async () => {
    const { shared, calls } = scripted();
    const answer = shared.refresh();
    expect(shared.fetching).toBe(false);
    await settle();
    expect(shared.fetching).toBe(true);
    await answered(calls[0], "one");
    await answer;
    expect(shared.fetching).toBe(false);
  });
});
