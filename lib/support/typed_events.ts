import { onAbort } from "./abort.ts";
import type { Logger } from "./logger.ts";

type Listener<E extends Event> = ((event: E) => unknown) | { handleEvent(event: E): unknown };

// By way of EventTarget: not every runtime's types have the DOM's names for these.
type AddArguments = Parameters<EventTarget["addEventListener"]>;
type RemoveArguments = Parameters<EventTarget["removeEventListener"]>;

/** A listener of an event whose type is not known. */
export type AnyListener = AddArguments[1] | null;
/** What addEventListener takes besides: the phase or, in an object, `capture`, `once` and `signal`. */
export type ListenerOptions = NonNullable<AddArguments[2]>;
type RemovalOptions = NonNullable<RemoveArguments[2]>;

interface Registration {
  readonly wrapper: (event: Event) => void;
  detachSignal(): void;
}

/** Capture and bubble registrations of one listener are two, as the DOM says. */
type ListenerSlots = Map<object, { capture?: Registration; bubble?: Registration }>;

/**
 * An `EventTarget` whose event types are known, whose listeners cannot harm the process, and which makes no
 * event that nobody listens to.
 *
 * Events go out in a microtask after the work that caused them, so a listener may call back into its sender.
 * A listener that throws, or whose promise rejects, goes to the logger.
 */
export class TypedEventTarget<Events extends Record<keyof Events, Event>> extends EventTarget {
  readonly #logger: Logger;
  readonly #slots = new Map<string, ListenerSlots>();
  #outbox: { type: string; make: () => Event }[] = [];

  constructor(logger: Logger) {
    super();
    this.#logger = logger;
  }

  override addEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: ListenerOptions,
  ): void;
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
    const phase = capture ? "capture" : "bubble";
    if (listener === null || signal?.aborted || this.#slots.get(type)?.get(listener)?.[phase]) return;
    const remove = () => this.removeEventListener(type, listener as AnyListener, { capture });
    const wrapper = (event: Event) => {
      if (once) remove();
      this.#call(listener as Listener<Event>, event);
    };
    const detachSignal = signal ? onAbort(signal, remove) : () => {};
    const registration = { wrapper, detachSignal };
    const ofType: ListenerSlots = this.#slots.get(type) ?? new Map();
    this.#slots.set(type, ofType.set(listener, { ...ofType.get(listener), [phase]: registration }));
    super.addEventListener(type, wrapper, { capture });
  }

  override removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: RemovalOptions,
  ): void;
  override removeEventListener(type: string, listener: AnyListener, options?: RemovalOptions): void;
  override removeEventListener(
    type: string,
    listener: Listener<never> | AnyListener,
    options: RemovalOptions = {},
  ): void {
    const { capture = false } = typeof options === "boolean" ? { capture: options } : options;
    const phase = capture ? "capture" : "bubble";
    const ofType = this.#slots.get(type);
    const slot = listener === null ? undefined : ofType?.get(listener);
    const registration = slot?.[phase];
    if (listener === null || !ofType || !slot || !registration) return;
    delete slot[phase];
    if (!slot.capture && !slot.bubble) ofType.delete(listener);
    if (ofType.size === 0) this.#slots.delete(type);
    registration.detachSignal();
    super.removeEventListener(type, registration.wrapper, { capture });
  }

  /** Sends what `make` gives to the listeners of `type`, after the work under way; makes nothing for nobody. */
  protected emit<K extends keyof Events & string>(type: K, make: () => Events[K]): void {
    if (!this.#slots.has(type)) return;
    this.#outbox.push({ type, make });
    if (this.#outbox.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const { type, make } of outbox) if (this.#slots.has(type)) this.dispatchEvent(make());
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
