/** A logger that keeps what is logged as a warning. */
import { createSilentLogger, type Logger } from '@conference/service-runtime';

export function createWatchedLogger(): { logger: Logger; warnings: string[] } {
  const warnings: string[] = [];
  const logger: Logger = {
    ...createSilentLogger(),
    warn: (_fields, message) => void warnings.push(message),
    child: () => logger,
  };
  return { logger, warnings };
}
