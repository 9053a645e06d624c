/** Where the library says what nobody awaits: a listener that threw, a stream that retries. `console` fits. */
export interface Logger {
  /** What helps to follow the library itself. */
  debug?(message: string, ...details: unknown[]): void;
  /** What goes as it should. */
  info?(message: string, ...details: unknown[]): void;
  /** What mends itself. */
  warn(message: string, ...details: unknown[]): void;
  /** What somebody should mend. */
  error(message: string, ...details: unknown[]): void;
}

const consoleLogger: Logger = {
  warn: (message, ...details) => console.warn(message, ...details),
  error: (message, ...details) => console.error(message, ...details),
};

const mutedLogger: Logger = { warn() {}, error() {} };

/** The logger for a `logger` option: the given one, none for `false`, else warnings and errors on the console. */
export function resolveLogger(option: Logger | false | undefined): Logger {
  return option === false ? mutedLogger : (option ?? consoleLogger);
}
