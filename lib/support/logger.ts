/** Where the library says what nobody awaits: a listener that threw, a stream that retries. `console` fits. */
export interface Logger {
  debug?(message: string, ...details: unknown[]): void;
  info?(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
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
