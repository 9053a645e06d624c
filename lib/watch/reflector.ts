import { decodeWatchEvent } from "../protocol/decode_watch_event.ts";
import { FrameDecoder } from "../protocol/frame_decoder.ts";
import type { Transport } from "../protocol/transport.ts";
import type { WatchEvent } from "../protocol/watch_event.ts";
import { backoffDelayMs, REFLECTOR_BACKOFF } from "../support/backoff.ts";
import { type Clock, delay, settledWithin } from "../support/clock.ts";
import { type DeliveryOptions, StreamDelivery } from "./delivery.ts";
import { streamError } from "./failure.ts";
import type { IdleGuard, IdleWatchdog } from "./idle_watchdog.ts";
import { answerLimitMs, silenceLimitMs, WATCH_ANSWER_MS, watchTimeoutMs } from "./patience.ts";
import {
  type Activity,
  initialState,
  type ReflectorEffect,
  type ReflectorInput,
  type ReflectorState,
  type WaitActivity,
  type WatchActivity,
} from "./reflector_state.ts";
import { step } from "./reflector_step.ts";
import { budgetOf, type StreamBudget, type Turn } from "./stream_budget.ts";
import { listStream, objectContext, openWatch } from "./stream_requests.ts";

/** What a reflector works with. */
export interface ReflectorOptions extends DeliveryOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** One for all streams. */
  readonly watchdog: IdleWatchdog;
  /**
   * Asked when the collection is not found: resolves if the kind is still served and can be watched, rejects with
   * NoVersionedResourceError or ResourceUnwatchableError if not; every other rejection is retried.
   */
  readonly confirmKind: (signal: AbortSignal) => Promise<void>;
  /** How long a watch is asked to last, in milliseconds; by default 5 to 10 minutes, at random for each. */
  readonly watchTimeoutMs?: number | undefined;
  /** Whether to begin with a streaming list, by default true; a server that does not take it is not asked again. */
  readonly streamingList?: boolean | undefined;
  /** Whether it takes the place of a stream that has been live: then no failure is one of a start. Default false. */
  readonly started?: boolean | undefined;
  /** Where to go on watching, for a sink that knows what there was then; by default "": it begins with a list. */
  readonly resourceVersion?: string | undefined;
  /** Called whenever something arrives. */
  readonly onProgress?: (() => void) | undefined;
  /** Numbers in [0, 1), by default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** One activity under way. */
interface Attempt {
  readonly signal: AbortSignal;
  readonly guard: IdleGuard;
}

/** How long a transport that ignores an abort is waited for. */
const LONGEST_END_MS = 5_000;

/**
 * Keeps one stream alive: does what `step` asks for and tells it what came of it.
 *
 * The sink hears `starting`; `live` once the first list is delivered and a watch is open; then `retrying` and `live`
 * in turn. `blocked` (before the first `live`: the start has failed) and `ended` are final, and one of them is the
 * last that it hears.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #random: () => number;
  readonly #budget: StreamBudget;
  /** What was begun and has not ended: more than one thing only where a transport ignores aborts. */
  readonly #open = new Set<Promise<void>>();
  readonly #delivery: StreamDelivery;
  #state: ReflectorState;
  #next: Activity | undefined;
  /** Leaves what is under way. */
  #leave: (outcome?: ReflectorInput) => void = () => {};
  #stopped: Promise<void> | undefined;

  constructor(options: ReflectorOptions) {
    const {
      spec,
      streamingList = true,
      started = false,
      resourceVersion = "",
      random = Math.random,
    } = options;
    const { group, resource } = spec.resource;
    this.#options = options;
    this.#random = random;
    this.#delivery = new StreamDelivery(options);
    this.#budget = budgetOf(options.transport, options.clock);
    this.#state = initialState({
      started,
      resourceVersion,
      streamingList,
      plainJson: spec.content === "object",
      bookmarks: !(resource === "events" && (group === "" || group === "events.k8s.io")),
    });
  }

  /** Up to where the sink has been told everything. */
  get resourceVersion(): string {
    return this.#state.resourceVersion;
  }

  /** Begins: the first request goes out at once. Does nothing a second time, or after stop(). */
  start(): void {
    if (this.#state.phase === "idle") void this.#run();
  }

  /**
   * Ends the stream: the sink hears nothing more but `ended`, and not that after `blocked`.
   *
   * @returns resolves when the connection has really ended, for a transport that ignores aborts after 5 s
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#feed({ type: "stop" });
    this.#next = undefined;
    this.#leave();
    const { clock } = this.#options;
    await settledWithin(this.#open, { clock, limitMs: LONGEST_END_MS });
    if (this.#state.reported !== "blocked") this.#perform({ do: "report", state: { state: "ended" } });
  }

  async #run(): Promise<void> {
    this.#feed({ type: "start" });
    while (this.#next !== undefined) {
      const activity = this.#affordable(this.#next);
      this.#next = undefined;
      const outcome = await this.#carryOut(activity);
      if (outcome !== undefined) this.#feed(outcome);
    }
  }

  #feed(input: ReflectorInput): void {
    const { state, effects } = step(this.#state, input);
    this.#state = state;
    for (const effect of effects) {
      // The sink may have stopped the stream in between.
      if (this.#stopped !== undefined) return;
      this.#perform(effect);
    }
  }

  #perform(effect: ReflectorEffect): void {
    switch (effect.do) {
      case "apply":
      case "collect":
      case "replace":
      case "report":
        this.#delivery.deliver(effect, this.#state);
        break;
      default:
        this.#next = effect;
    }
  }

  /** A streaming list would have to wait for its turn: a plain one goes out at once. */
  #affordable(activity: Activity): Activity {
    if (activity.do !== "watch" || !activity.initialEvents || !this.#budget.spent) return activity;
    const { resourceVersion, plainJson } = activity;
    return { do: "list", resourceVersion, plainJson };
  }

  /** Does what the step asked for; the outcome is undefined where it was left. */
  #carryOut(activity: Activity): Promise<ReflectorInput | undefined> {
    const { clock, watchdog, spec } = this.#options;
    const controller = new AbortController();
    this.#delivery.begin();
    return new Promise((resolve) => {
      const limitMs = answerLimitMs(activity);
      const guard = watchdog.register(limitMs, () =>
        leave({ type: "silent", afterMs: limitMs, now: clock.now() }),
      );
      // Waits for nobody: a transport may ignore the abort.
      function leave(outcome?: ReflectorInput): void {
        guard.dispose();
        resolve(outcome);
        controller.abort();
      }
      this.#leave = leave;
      const work = this.#work(activity, { signal: controller.signal, guard }).then(leave, (error) =>
        leave({ type: "failed", error: streamError(error, spec), now: clock.now() }),
      );
      this.#open.add(work);
      work.then(() => this.#open.delete(work));
    });
  }

  async #work(activity: Activity, { signal, guard }: Attempt): Promise<ReflectorInput | undefined> {
    const { clock, confirmKind } = this.#options;
    switch (activity.do) {
      case "wait":
        await delay(clock, this.#waitMs(activity), { signal });
        return { type: "waited" };
      case "confirmKind":
        await confirmKind(signal);
        return { type: "confirmed", now: clock.now() };
      case "list": {
        const onProgress = () => this.#progress(guard);
        return { type: "listed", ...(await listStream(this.#options, { activity, signal, onProgress })) };
      }
      case "watch":
        return this.#watch(activity, { signal, guard });
    }
  }

  async #watch(activity: WatchActivity, attempt: Attempt): Promise<ReflectorInput | undefined> {
    const turn = this.#budget.take() ?? (await this.#waitForTurn(attempt));
    try {
      return await this.#stream(activity, { ...attempt, turn });
    } finally {
      turn.end();
    }
  }

  async #waitForTurn({ signal, guard }: Attempt): Promise<Turn> {
    guard.touch(Number.POSITIVE_INFINITY);
    this.#feed({ type: "queued" });
    const turn = await this.#budget.wait(signal);
    guard.touch(WATCH_ANSWER_MS);
    return turn;
  }

  async #stream(
    activity: WatchActivity,
    { signal, guard, turn }: Attempt & { turn: Turn },
  ): Promise<ReflectorInput | undefined> {
    const { clock, spec } = this.#options;
    const timeoutMs = this.#options.watchTimeoutMs ?? watchTimeoutMs(this.#random);
    const onProgress = () => this.#progress(guard);
    const body = await openWatch(this.#options, { activity, timeoutMs, signal, onProgress });
    if (signal.aborted) return undefined;
    const decoder = new FrameDecoder();
    const context = objectContext(spec);
    let isShared = false;
    let isAsked = false;
    const giveWay = () => {
      isAsked = true;
      // A large frame on a slow line would never come to its end.
      if (!signal.aborted && !decoder.midFrame) this.#leave({ type: "gaveWay", now: clock.now() });
    };
    const onHeard = () => {
      const live = this.#state.phase === "watching";
      this.#progress(guard, silenceLimitMs(timeoutMs, { live }));
      if (isAsked) giveWay();
      if (isShared || !live) return;
      isShared = true;
      turn.share(giveWay);
    };
    this.#feed({ type: "opened", now: clock.now() });
    onHeard();
    for await (const chunk of body) {
      if (signal.aborted) return undefined;
      for (const frame of decoder.decode(chunk)) {
        this.#hear(decodeWatchEvent(frame, context));
        if (this.#next !== undefined) this.#leave();
        if (signal.aborted) return undefined;
      }
      onHeard();
    }
    return { type: "ended", now: clock.now() };
  }

  #hear(event: WatchEvent): void {
    if (event.type === "ERROR") {
      const { spec, clock } = this.#options;
      this.#feed({ type: "failed", error: streamError(event.error, spec), now: clock.now() });
    } else {
      this.#feed(event);
    }
  }

  #progress(guard: IdleGuard, limitMs?: number): void {
    guard.touch(limitMs);
    this.#options.onProgress?.();
  }

  #waitMs({ failures, atLeastMs }: WaitActivity): number {
    if (failures === 0) return atLeastMs;
    return Math.max(atLeastMs, backoffDelayMs(REFLECTOR_BACKOFF, failures, this.#random));
  }
}
