/** Whose request it is. */
import type { Request } from 'express';
import type { ExchangeRequest } from './exchange.js';

/**
 * The client's address. `X-Forwarded-For` counts only as far as trusted proxies wrote it; without
 * any trusted proxy it is the address of the connection.
 */
export function clientAddressOf(request: ExchangeRequest): string {
  return (request as Request).ip ?? 'unknown';
}
