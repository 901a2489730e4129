/**
 * Slows whoever sends wrong credentials, per address. Only failures are counted and only failures
 * are refused: right credentials pass from an address however many others fail behind the same
 * NAT. Guessing 256 random bits is hopeless at any rate; what is limited is the work and the log.
 */
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface FailureLimiterOptions {
  /** Failures that pass within one window. */
  readonly failures: number;
  readonly windowMs: number;
}

export class FailureLimiter {
  readonly #limiter: RateLimiterMemory;

  constructor(options: FailureLimiterOptions) {
    this.#limiter = new RateLimiterMemory({
      points: options.failures,
      duration: options.windowMs / 1000,
    });
  }

  /** Counts a failure. Returns the seconds to wait where there were too many, else undefined. */
  async count(address: string): Promise<number | undefined> {
    try {
      await this.#limiter.consume(networkOf(address));
      return undefined;
    } catch (error) {
      if (error instanceof RateLimiterRes) {
        return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      }
      throw error;
    }
  }
}

/** One customer holds a whole /64 of IPv6, so that its addresses count as one. */
export function networkOf(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  if (!isIPv6(plain)) {
    return plain;
  }
  const [head = '', tail] = plain.split('%', 1)[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
