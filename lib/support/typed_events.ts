import { onAbort } from "./abort.ts";
import type { Logger } from "./logger.ts";

/** A listener of an event whose type is known. */
export type Listener<E extends Event> = ((event: E) => unknown) | { handleEvent(event: E): unknown };

// By way of EventTarget: not every runtime's types have the DOM's names for these.
/** A listener of an event whose type is not known. */
export type AnyListener = Parameters<EventTarget["addEventListener"]>[1] | null;
/** What addEventListener takes besides: the phase or, in an object, `capture`, `once` and `signal`. */
export type ListenerOptions = NonNullable<Parameters<EventTarget["addEventListener"]>[2]>;
/** What removeEventListener takes besides: the phase. */
export type RemovalOptions = NonNullable<Parameters<EventTarget["removeEventListener"]>[2]>;

interface Registration {
  readonly listener: Listener<never> | AnyListener;
  /** Capture and bubble registrations of one listener are two, as the DOM says. */
  readonly capture: boolean;
  remove(): void;
}

/**
 * An `EventTarget` whose event types are known, whose listeners cannot harm the process, and which makes no
 * event that nobody listens to.
 *
 * Events go out in a microtask after the work that caused them, so a listener may call back into its sender.
 * A listener that throws, or whose promise rejects, goes to the logger.
 */
export class TypedEventTarget<Events extends Record<keyof Events, Event>> extends EventTarget {
  readonly #logger: Logger;
  /** By type; none is empty. */
  readonly #registrations = new Map<string, Set<Registration>>();
  #outbox: { type: string; make: () => Event }[] = [];

  /** Says to the logger which listeners failed. */
  constructor(logger: Logger) {
    super();
    this.#logger = logger;
  }

  /** As that of every EventTarget, for the events of this one. */
  override addEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: ListenerOptions,
  ): void;
  /** As for any EventTarget. */
  override addEventListener(type: string, listener: AnyListener, options?: ListenerOptions): void;
  override addEventListener(
    type: string,
    listener: Listener<never> | AnyListener,
    options: ListenerOptions = {},
  ): void {
    const {
      capture = false,
      once = false,
      signal,
    } = typeof options === "boolean" ? { capture: options } : options;
    if (listener === null || signal?.aborted || this.#find(type, listener, capture)) return;
    const ofType = this.#registrations.get(type) ?? new Set();
    const remove = () => {
      ofType.delete(registration);
      if (ofType.size === 0) this.#registrations.delete(type);
      forget?.();
      super.removeEventListener(type, wrapper, capture);
    };
    const wrapper = (event: Event) => {
      if (once) remove();
      this.#call(listener as Listener<Event>, event);
    };
    const registration = { listener, capture, remove };
    const forget = signal && onAbort(signal, remove);
    this.#registrations.set(type, ofType.add(registration));
    super.addEventListener(type, wrapper, capture);
  }

  /** As that of every EventTarget, for the events of this one. */
  override removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: RemovalOptions,
  ): void;
  /** As for any EventTarget. */
  override removeEventListener(type: string, listener: AnyListener, options?: RemovalOptions): void;
  override removeEventListener(
    type: string,
    listener: Listener<never> | AnyListener,
    options: RemovalOptions = {},
  ): void {
    const { capture = false } = typeof options === "boolean" ? { capture: options } : options;
    this.#find(type, listener, capture)?.remove();
  }

  /** Sends what `make` gives to the listeners of `type`, after the work under way; makes nothing for nobody. */
  protected emit<K extends keyof Events & string>(type: K, make: () => Events[K]): void {
    if (!this.#registrations.has(type)) return;
    this.#outbox.push({ type, make });
    if (this.#outbox.length === 1) queueMicrotask(() => this.#flush());
  }

  #find(type: string, listener: Registration["listener"], capture: boolean): Registration | undefined {
    for (const registration of this.#registrations.get(type) ?? []) {
      if (registration.listener === listener && registration.capture === capture) return registration;
    }
    return undefined;
  }

  #flush(): void {
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const { type, make } of outbox) if (this.#registrations.has(type)) this.dispatchEvent(make());
  }

  #call(listener: Listener<Event>, event: Event): void {
    try {
      const result =
        typeof listener === "function" ? listener.call(this, event) : listener.handleEvent(event);
      // A promise of another realm is no instance of our Promise.
      if (typeof result === "object" && result !== null && "then" in result) {
        Promise.resolve(result).catch((error) => this.#report(event, error));
      }
    } catch (error) {
      this.#report(event, error);
    }
  }

  #report(event: Event, error: unknown): void {
    this.#logger.error(`A listener of "${event.type}" failed`, error);
  }
}
