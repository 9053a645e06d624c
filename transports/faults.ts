/**
 * Faults between a client and an API server: wraps any transport, so that you can see what yours does when the
 * server refuses, stalls, breaks off or talks nonsense.
 *
 * @module
 */

import type { Transport, TransportRequest, TransportResponse } from "../lib/protocol/transport.ts";
import { untilAborted } from "../lib/support/abort.ts";
import { type Clock, delay, systemClock } from "../lib/support/clock.ts";
import { bodyFilter } from "./faults/body_filter.ts";
import { checkBodyFault, checkFault, checkInputsOfFaults } from "./faults/checks.ts";
import type { BodyFault, Fault } from "./faults/fault.ts";
import { cut } from "./faults/fault_factories.ts";
import { type FaultRequest, type FaultVerb, readFaultRequest } from "./faults/fault_request.ts";
import { FaultyBody } from "./faults/faulty_body.ts";
import { FaultyExchange } from "./faults/faulty_exchange.ts";
import { FrameLog, shuffle } from "./faults/frame_log.ts";
import { serverAnswer, type WholeAnswer } from "./faults/server_words.ts";
import { roleOfGroup, unconditional, withStaleGroup } from "./faults/stale_group.ts";

export type { BodyFault, Fault, FaultPosition } from "./faults/fault.ts";
export * as faults from "./faults/fault_factories.ts";
export type { FaultRequest, FaultVerb } from "./faults/fault_request.ts";
export {
  ANSWER_NAMES,
  type AnswerName,
  ERROR_FRAME_NAMES,
  type ErrorFrameName,
} from "./faults/server_words.ts";

/** Says at once what befalls a request; undefined: nothing. */
export type FaultHook = (request: FaultRequest) => Fault | undefined;

/** A hook for each verb that faults are wanted for, and `any` for what those let pass. */
export type FaultPlan = { readonly [verb in FaultVerb | "any"]?: FaultHook | undefined };

/** Options of `withFaults`. */
export interface FaultsOptions {
  /** For what comes slowly; by default the runtime's own. */
  readonly clock?: Clock;
  /** From 0 up to 1, for what comes in any order; by default Math.random. */
  readonly random?: () => number;
}

/**
 * Wraps a transport with faults. What no fault befalls goes through as it is. A hook that says something else than a
 * fault rejects the request with an InvalidInputError.
 *
 * @throws {InvalidInputError} for a hook or an option that there is not, naming it
 *
 * @example
 * ```ts
 * import { faults, withFaults } from "kubernetes-dependency-watches/transports/faults";
 * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * const transport = withFaults(memoryApiServer().transport(), {
 *   list: () => faults.answer("tooManyRequests"),
 *   watch: ({ nth }) => (nth === 0 ? faults.cut({ afterFrames: 2 }) : undefined),
 * });
 * (await transport.request({ method: "GET", path: "/api/v1/pods" })).status; // 429
 * transport.breakStreams(); // those that are open
 * ```
 */
export function withFaults(
  transport: Transport,
  plan: FaultPlan,
  options: FaultsOptions = {},
): FaultyTransport {
  return new FaultyTransport(transport, plan, options);
}

/** A transport with faults. Closing it closes the transport that it wraps. */
export class FaultyTransport implements Transport {
  declare readonly limits?: { streams?: number };
  readonly #transport: Transport;
  readonly #plan: FaultPlan;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #counts = new Map<FaultVerb, number>();
  readonly #log = new FrameLog();
  readonly #open = new Map<FaultyExchange, FaultyBody>();
  /** Those of which the wrapped transport does not know, or does not know all. */
  readonly #detached = new Set<FaultyExchange>();
  #isClosed = false;

  /** Use `withFaults`. */
  constructor(transport: Transport, plan: FaultPlan, options: FaultsOptions) {
    checkInputsOfFaults({ ...options, transport, plan });
    const { clock = systemClock, random = Math.random } = options;
    if (transport.limits) this.limits = transport.limits;
    this.#transport = transport;
    this.#plan = plan;
    this.#clock = clock;
    this.#random = random;
  }

  /** Sends a request, and lets happen to it what the plan says. */
  async request(request: TransportRequest): Promise<TransportResponse> {
    request.signal?.throwIfAborted();
    if (this.#isClosed) return this.#transport.request(request);
    const about = this.#count(request);
    const fault = this.#planned(about);
    // Streams can be broken later.
    if (!fault && !request.stream) return this.#transport.request(request);
    const exchange = new FaultyExchange(request, about);
    try {
      return await this.#answer(exchange, fault);
    } catch (error) {
      this.#detached.delete(exchange);
      exchange.end();
      throw error;
    }
  }

  /**
   * Lets a fault befall streams that are open: those that `where` takes, by default all. Positions count from here.
   *
   * @returns how many
   * @throws {InvalidInputError} for what is no fault of a body
   */
  breakStreams(
    fault: BodyFault = cut(),
    { where = () => true }: { where?: (request: FaultRequest) => boolean } = {},
  ): number {
    checkBodyFault(fault);
    const chosen = [...this.#open].filter(([{ request, about }]) => request.stream && where(about));
    for (const [exchange, body] of chosen) this.#befall(exchange, { body, fault });
    return chosen.length;
  }

  /** Closes the transport inside; what waits for a fault to end is rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closing = this.#transport.close();
    for (const exchange of [...this.#detached]) {
      exchange.fail(exchange.error("the transport is closed"));
    }
    await closing;
  }

  #count(request: TransportRequest): FaultRequest {
    const about = readFaultRequest(request);
    const nth = this.#counts.get(about.verb) ?? 0;
    this.#counts.set(about.verb, nth + 1);
    return { ...about, nth };
  }

  #planned(about: FaultRequest): Fault | undefined {
    for (const name of [about.verb, "any"] as const) {
      const fault = this.#plan[name]?.(about) ?? undefined;
      if (fault === undefined) continue;
      checkFault(fault, name);
      return fault;
    }
    return undefined;
  }

  async #answer(exchange: FaultyExchange, fault: Fault | undefined): Promise<TransportResponse> {
    const { about, request, signal } = exchange;
    switch (fault?.type) {
      case undefined:
        return this.#pass(exchange, await this.#transport.request(request));
      case "refused":
        throw exchange.connectionError("no answer came", { syscall: "connect", code: "ECONNREFUSED" });
      case "unanswered":
        this.#detached.add(exchange);
        return untilAborted(new Promise<never>(() => {}), signal);
      case "answerLost":
        await this.#transport.request(request);
        throw exchange.connectionError("no answer came", { syscall: "read", code: "ECONNRESET" });
      case "slow":
        this.#detached.add(exchange);
        await delay(this.#clock, fault.delayMs, { signal });
        this.#detached.delete(exchange);
        return this.#answer(exchange, fault.then);
      case "answer":
        this.#detached.add(exchange);
        return this.#pass(exchange, wholeResponse(serverAnswer(fault.answer, about)));
      case "customAnswer":
        this.#detached.add(exchange);
        return this.#pass(exchange, wholeResponse(fault));
      case "answeredBy":
        this.#detached.add(exchange);
        return this.#pass(exchange, await fault.transport.request(request));
      case "groupUnavailable":
        return this.#pass(exchange, await this.#withoutGroup(exchange, fault.group));
      default:
        return this.#pass(exchange, await this.#transport.request(request), fault);
    }
  }

  async #withoutGroup({ about, request }: FaultyExchange, group: string): Promise<TransportResponse> {
    const role = roleOfGroup(about, group);
    if (role === "backend") return wholeResponse(serverAnswer("backendUnavailable", about));
    if (role === "none") return this.#transport.request(request);
    const headers = unconditional(request.headers);
    return wholeResponse(await withStaleGroup(await this.#transport.request({ ...request, headers }), group));
  }

  /** Hands an answer on, with a body that faults can befall. */
  #pass(
    exchange: FaultyExchange,
    { status, headers, body: source }: TransportResponse,
    fault?: BodyFault,
  ): TransportResponse {
    const { signal, about } = exchange;
    signal.throwIfAborted();
    const body = new FaultyBody(source, {
      exchange,
      clock: this.#clock,
      onChunk: about.verb === "watch" && status === 200 ? this.#log.recorder(exchange) : () => {},
      onOver: () => {
        this.#open.delete(exchange);
        this.#detached.delete(exchange);
      },
    });
    this.#open.set(exchange, body);
    if (fault) this.#befall(exchange, { body, fault });
    return { status, headers, body };
  }

  #befall(exchange: FaultyExchange, { body, fault }: { body: FaultyBody; fault: BodyFault }): void {
    const { isMidFrame } = body;
    this.#detached.add(exchange);
    const filter = bodyFilter(fault, {
      isMidFrame,
      about: exchange.about,
      replayed: ({ shuffled }) => {
        const frames = this.#log.framesFor(exchange);
        return shuffled ? shuffle(frames, this.#random) : frames;
      },
    });
    body.filterBy(filter);
  }
}

function wholeResponse({ status, headers, body }: WholeAnswer): TransportResponse {
  const fields = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { status, headers: { get: (name) => fields.get(name.toLowerCase()) ?? null }, body: bytesOf(body) };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  if (text !== "") yield new TextEncoder().encode(text);
}
