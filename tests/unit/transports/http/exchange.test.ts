import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { Exchange } from "../../../../transports/http/exchange.ts";

function begin(signal?: AbortSignal): { exchange: Exchange; open: Set<Exchange> } {
  const open = new Set<Exchange>();
  return { exchange: new Exchange("GET /a", { signal, open }), open };
}

describe("Exchange", () => {
  it("is open until its end, its stop, its failure or its caller's abort", async () => {
    const controller = new AbortController();
    const overs: ((exchange: Exchange) => unknown)[] = [
      (exchange) => exchange.end(),
      (exchange) => exchange.stop(),
      (exchange) => exchange.run(() => Promise.reject(new Error("no")), "no").catch(() => {}),
      () => controller.abort(),
    ];
    for (const over of overs) {
      const { exchange, open } = begin(controller.signal);
      expect(open).toEqual(new Set([exchange]));
      await over(exchange);
      expect(open.size).toBe(0);
    }
    expect(begin(controller.signal).open.size).toBe(0);
  });

  it("does nothing once it was stopped", async () => {
    const { exchange } = begin();
    const work = () => {
      throw new Error("must not run");
    };
    exchange.stop("first");
    exchange.stop("second");
    expect(await exchange.run(work, "no").catch((reason) => reason)).toBe("first");
  });

  it("tells its work of a stop, and of none after the end", async () => {
    const { exchange } = begin();
    const signal = await exchange.run(async (signal) => signal, "no");
    exchange.end();
    exchange.stop("late");
    expect(signal.aborted).toBe(false);

    const stopped = begin().exchange;
    const other = await stopped.run(async (signal) => signal, "no");
    stopped.stop("reason");
    expect(other.reason).toBe("reason");
  });

  it("an error says what was to be done, and why it was not", () => {
    const { exchange } = begin();
    const inner = Object.assign(new Error("to http://secret"), { code: "ECONNREFUSED" });
    for (const [cause, message] of [
      [new TypeError("failed", { cause: inner }), "Cannot GET /a: no (ECONNREFUSED)"],
      [undefined, "Cannot GET /a: no"],
    ] as const) {
      const error = exchange.error("no", cause);
      expect(error.message).toBe(message);
      expect(error.cause).toBe(cause);
    }
  });
});
