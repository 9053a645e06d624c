import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { TypedEventTarget } from "../../../lib/support/typed_events.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { settle } from "../../fixtures/fake_clock.ts";

class PingEvent extends Event {
  readonly count: number;

  constructor(count: number) {
    super("ping");
    this.count = count;
  }
}

interface Events {
  ping: PingEvent;
  pong: Event;
}

class Target extends TypedEventTarget<Events> {
  made = 0;

  ping(count = 1): void {
    this.emit("ping", () => {
      this.made += 1;
      return new PingEvent(count);
    });
  }

  pong(): void {
    this.emit("pong", () => new Event("pong"));
  }
}

let logged: [message: string, error: unknown][];
let target: Target;
let counts: number[];

function listener({ count }: PingEvent): void {
  counts.push(count);
}

beforeEach(() => {
  logged = [];
  counts = [];
  target = new Target({ warn() {}, error: (message, error) => logged.push([message, error]) });
});

describe("TypedEventTarget", () => {
  it("sends events in order, after the work under way", async () => {
    const order: string[] = [];
    target.addEventListener("ping", ({ count }) => order.push(`ping ${count}`));
    target.addEventListener("pong", () => order.push("pong"));
    target.ping(1);
    target.pong();
    target.ping(2);
    order.push("work done");
    await settle();
    expect(order).toEqual(["work done", "ping 1", "pong", "ping 2"]);
  });

  it("sends what a listener emits after what is on its way", async () => {
    const order: string[] = [];
    target.addEventListener("ping", ({ count }) => {
      order.push(`ping ${count}`);
      if (count === 1) target.ping(3);
    });
    target.ping(1);
    target.ping(2);
    await settle();
    expect(order).toEqual(["ping 1", "ping 2", "ping 3"]);
  });

  it("makes no event for nobody", async () => {
    target.ping();
    target.addEventListener("pong", () => {});
    target.ping();
    await settle();
    expect(target.made).toBe(0);
  });

  it("makes no event for who has gone before it goes out", async () => {
    target.addEventListener("ping", listener);
    target.ping();
    target.removeEventListener("ping", listener);
    await settle();
    expect(target.made).toBe(0);
    expect(counts).toEqual([]);
  });

  it("makes one event for all listeners", async () => {
    target.addEventListener("ping", listener);
    target.addEventListener("ping", (event) => listener(event));
    target.ping(7);
    await settle();
    expect(target.made).toBe(1);
    expect(counts).toEqual([7, 7]);
  });

  it("calls a listener that was added twice once", async () => {
    target.addEventListener("ping", listener);
    target.addEventListener("ping", listener);
    target.ping();
    await settle();
    expect(counts).toEqual([1]);
  });

  it("takes capture and bubble for two registrations, removed apart", async () => {
    target.addEventListener("ping", listener);
    target.addEventListener("ping", listener, true);
    target.ping(1);
    await settle();
    target.removeEventListener("ping", listener);
    target.ping(2);
    await settle();
    target.removeEventListener("ping", listener, { capture: true });
    target.ping(3);
    await settle();
    expect(counts).toEqual([1, 1, 2]);
  });

  it("calls a listener with once once, also when that adds itself again", async () => {
    target.addEventListener("ping", listener, { once: true });
    target.addEventListener(
      "ping",
      function again({ count }) {
        counts.push(-count);
        if (count === 1) target.addEventListener("ping", again, { once: true });
      },
      { once: true },
    );
    for (const count of [1, 2, 3]) target.ping(count);
    await settle();
    expect(counts).toEqual([1, -1, -2]);
  });

  it("takes handleEvent objects, looked up at each event", async () => {
    const handler = { seen: [] as number[], handleEvent: (_event: PingEvent) => {} };
    target.addEventListener("ping", handler);
    handler.handleEvent = function (this: typeof handler, { count }) {
      this.seen.push(count);
    };
    target.ping(4);
    await settle();
    target.removeEventListener("ping", handler);
    target.ping(5);
    await settle();
    expect(handler.seen).toEqual([4]);
  });

  it("calls functions with itself as this", async () => {
    let self: unknown;
    target.addEventListener("ping", function (this: unknown) {
      self = this;
    });
    target.ping();
    await settle();
    expect(self).toBe(target);
  });

  it("takes null for no listener", async () => {
    target.addEventListener("ping", null);
    target.removeEventListener("ping", null);
    target.ping();
    await settle();
    expect(target.made).toBe(0);
  });

  it("does not call who was removed while the event goes out", async () => {
    target.addEventListener("ping", () => target.removeEventListener("ping", listener));
    target.addEventListener("ping", listener);
    target.ping();
    await settle();
    expect(counts).toEqual([]);
  });

  it("hands events that are dispatched from outside to its listeners at once", () => {
    target.addEventListener("ping", listener);
    target.dispatchEvent(new PingEvent(9));
    expect(counts).toEqual([9]);
  });
});

describe("TypedEventTarget with a signal", () => {
  it("removes the listener when it aborts", async () => {
    const counted = countedSignal();
    target.addEventListener("ping", listener, { signal: counted.signal });
    target.ping(1);
    await settle();
    counted.abort();
    target.ping(2);
    await settle();
    expect(counts).toEqual([1]);
    expect(counted.listeners).toBe(0);
  });

  it("adds nothing when it has aborted already", async () => {
    const counted = countedSignal();
    counted.abort();
    target.addEventListener("ping", listener, { signal: counted.signal });
    target.ping();
    await settle();
    expect(target.made).toBe(0);
    expect(counted.listeners).toBe(0);
  });

  it("leaves no listener on it after removeEventListener", () => {
    const counted = countedSignal();
    const { signal } = counted;
    target.addEventListener("ping", listener, { signal });
    target.addEventListener("ping", listener, { signal });
    expect(counted.listeners).toBe(1);
    target.removeEventListener("ping", listener);
    expect(counted.listeners).toBe(0);
  });

  it("leaves no listener on it after once", async () => {
    const counted = countedSignal();
    const { signal } = counted;
    target.addEventListener("ping", listener, { signal, once: true });
    target.ping();
    await settle();
    expect(counts).toEqual([1]);
    expect(counted.listeners).toBe(0);
  });
});

describe("TypedEventTarget with a listener that fails", () => {
  const failure = new Error("boom");
  const failing: [what: string, listener: (event: PingEvent) => unknown][] = [
    [
      "throws",
      () => {
        throw failure;
      },
    ],
    ["rejects", () => Promise.reject(failure)],
    ["gives back a promise of another realm that rejects", () => foreign(Promise.reject(failure))],
  ];
  for (const [what, fail] of failing) {
    it(`${what}: says so to the logger and goes on`, async () => {
      target.addEventListener("ping", fail);
      target.addEventListener("ping", listener);
      target.ping(1);
      target.ping(2);
      await settle();
      expect(counts).toEqual([1, 2]);
      expect(logged).toEqual([
        ['A listener of "ping" failed', failure],
        ['A listener of "ping" failed', failure],
      ]);
    });
  }

  it("is a handleEvent object without handleEvent", async () => {
    target.addEventListener("ping", {} as EventListenerObject);
    target.ping();
    await settle();
    expect(logged.length).toBe(1);
  });
});

/** `promise` as one that is no instance of our Promise. */
function foreign(promise: Promise<unknown>): unknown {
  const prototype = Object.defineProperties({}, Object.getOwnPropertyDescriptors(Promise.prototype));
  return Object.setPrototypeOf(promise, prototype);
}
