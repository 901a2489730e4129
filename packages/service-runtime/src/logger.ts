/** Structured logs, one JSON line each, on standard output. */
import { pino } from 'pino';

/** What the house uses of a logger. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: Record<string, unknown>): Logger;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger for one service; errors go under the key `err`. Secrets are never passed to it. */
export function createLogger(service: string, level: LogLevel): Logger {
  return pino({ name: service, level, timestamp: pino.stdTimeFunctions.isoTime });
}

/** A logger that says nothing. */
export function createSilentLogger(): Logger {
  return pino({ level: 'silent' });
}
