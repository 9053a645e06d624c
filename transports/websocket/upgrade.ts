/** What a WebSocket of undici calls of its dispatcher; Node's own is one too. */
interface Dispatcher {
  dispatch(options: unknown, handler: object): unknown;
}

/** A connection that a WebSocket took over. */
export interface Connection {
  destroy(): void;
}

/** Where undici keeps the dispatcher of those that are given none. */
const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");
/** Those of a handler to which a connection is handed over, by all versions of undici. */
const UPGRADES: readonly unknown[] = ["onUpgrade", "onRequestUpgrade"];

/**
 * A dispatcher that tells of the connection that a WebSocket takes over: its class has no call that ends one at once,
 * and destroying the dispatcher leaves it open.
 *
 * @param given what the user of a WebSocket would give it
 * @returns undefined where nothing is dispatched, as undici is not there
 */
export function tellingDispatcher(
  given: unknown,
  onUpgrade: (connection: Connection) => void,
): Dispatcher | undefined {
  const dispatcher = given ?? Reflect.get(globalThis, GLOBAL_DISPATCHER);
  if (!isDispatcher(dispatcher)) return undefined;
  return {
    dispatch: (options, handler) => dispatcher.dispatch(options, telling(handler, onUpgrade)),
  };
}

function telling(handler: object, onUpgrade: (connection: Connection) => void): object {
  return new Proxy(handler, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (UPGRADES.includes(name)) onUpgrade(args.at(-1) as Connection);
        return Reflect.apply(member, target, args);
      };
    },
  });
}

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === "object" && value !== null && "dispatch" in value;
}
