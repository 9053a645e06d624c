import type { ReconcileContext, Transport } from "../../mod.ts";

/** What a soak must notice: something that is never given up. */
export type Leak = "memory" | "stream";

const EVERY = 50;
const kept: unknown[] = [];
let calls = 0;

/** Leaks, at each call 200 bytes or so, or every now and then a stream. */
export function leakNow(
  leak: Leak,
  { context, transport }: { context: ReconcileContext; transport: Transport },
): void {
  calls += 1;
  if (leak === "memory") kept.push({ causes: context.causes.map(({ type }) => `${type} ${calls}`) });
  if (leak === "stream" && calls % EVERY === 1) {
    const path = "/api/v1/namespaces?watch=1";
    transport.request({ method: "GET", path, stream: true }).then(
      (answer) => kept.push(answer),
      () => {},
    );
  }
}
