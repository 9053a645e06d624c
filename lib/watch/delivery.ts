import { objectKey, type WatchedObject } from "../kubernetes/object.ts";
import type { Logger } from "../support/logger.ts";
import type { Collection, Delivery, ReflectorState } from "./reflector_state.ts";
import { describeStream, type StreamSink, type StreamSpec, type StreamState } from "./stream.ts";

/** Who is told of a stream. */
export interface DeliveryOptions {
  readonly spec: StreamSpec;
  /** Must not throw: what it throws is only logged. */
  readonly sink: StreamSink;
  readonly logger: Logger;
}

/** Tells the sink of a stream what the steps ask for, and the log what people should know of it. */
export class StreamDelivery {
  readonly #options: DeliveryOptions;
  /** The initial objects of a streaming list under way. */
  readonly #collected = new Map<string, WatchedObject>();
  /** Whether it has retried since it was last live. */
  #interrupted = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Forgets what a streaming list that was left had collected. */
  begin(): void {
    this.#collected.clear();
  }

  deliver(delivery: Delivery | Collection, state: ReflectorState): void {
    const { sink, logger, spec } = this.#options;
    try {
      switch (delivery.do) {
        case "apply":
          sink.apply(delivery.event);
          break;
        case "collect":
          this.#collect(delivery);
          break;
        case "replace": {
          const { items, resourceVersion, relisted } = delivery;
          const objects = items === "collected" ? [...this.#collected.values()] : items;
          this.#collected.clear();
          sink.replace(objects, resourceVersion, relisted);
          break;
        }
        case "report":
          this.#log(delivery.state, state);
          sink.state(delivery.state);
      }
    } catch (error) {
      logger.error(`The sink of a stream of ${spec.kind} failed`, error);
    }
  }

  #collect({ event: { type, object } }: Collection): void {
    if (type === "DELETED") this.#collected.delete(objectKey(object));
    else this.#collected.set(objectKey(object), object);
  }

  #log(reported: StreamState, { failures, started }: ReflectorState): void {
    const { logger, spec } = this.#options;
    const name = `The watch of ${describeStream(spec)}`;
    if (reported.state === "retrying") {
      const message = `${name} is interrupted and tries again: ${reported.error.message}`;
      if (failures > 1) logger.debug?.(message);
      else logger.warn(message);
      this.#interrupted = true;
    }
    if (reported.state === "live" && this.#interrupted) {
      logger.info?.(`${name} is live again`);
      this.#interrupted = false;
    }
    if (reported.state === "blocked" && started) logger.warn(`${name} is over: ${reported.error.message}`);
  }
}
