import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import type {
  ReconcileContext,
  ReconcileFunction,
  ReconcileResult,
} from "../../../lib/reconcile/reconcile_function.ts";
import { Reconciler } from "../../../lib/reconcile/reconciler.ts";
import type { ReconcileEndEvent } from "../../../lib/reconcile/reconciler_events.ts";
import type { ReconcilerOptions } from "../../../lib/reconcile/reconciler_options.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

/** A watcher for tests. */
export function watcher(name: string): ObjectIdentifier {
  return { version: "v1", kind: "ConfigMap", namespace: "test", name };
}

/** One call of the reconcile function, which goes on until the test says how it ends. */
export interface Call {
  readonly name: string | undefined;
  readonly watcher: ObjectIdentifier;
  readonly context: ReconcileContext;
  answer(result?: ReconcileResult): void;
  fail(error: unknown): void;
}

/** A running Reconciler on a fake clock, and all that it did. */
export interface Harness {
  readonly reconciler: Reconciler;
  readonly clock: FakeClock;
  readonly calls: Call[];
  readonly ends: ReconcileEndEvent[];
  readonly logged: unknown[][];
}

/** Starts a Reconciler whose runs wait for the test; or, with `reconcile`, for what that does. */
export function startReconciler(options: ReconcilerOptions = {}, reconcile?: ReconcileFunction): Harness {
  const clock = new FakeClock();
  const calls: Call[] = [];
  const ends: ReconcileEndEvent[] = [];
  const logged: unknown[][] = [];
  const log = (...line: unknown[]) => logged.push(line);
  const reconciler = new Reconciler(
    (id, context) => {
      const { promise, answer, fail } = openPromise();
      calls.push({ name: id.name, watcher: id, context, answer, fail });
      return reconcile ? reconcile(id, context) : promise;
    },
    { clock, logger: { warn: log, error: log }, ...options },
  );
  reconciler.addEventListener("reconcileend", (event) => ends.push(event));
  reconciler.run();
  return { reconciler, clock, calls, ends, logged };
}

/** The causes of a call, by type. */
export function causesOf(call: Call | undefined): string[] | undefined {
  return call?.context.causes.map((cause) => cause.type);
}

function openPromise(): Pick<Call, "answer" | "fail"> & { promise: Promise<ReconcileResult | undefined> } {
  let answer: Call["answer"] = () => {};
  let fail: Call["fail"] = () => {};
  const promise = new Promise<ReconcileResult | undefined>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { promise, answer, fail };
}
