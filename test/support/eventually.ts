/** Waiting on a condition with a deadline: silence fails, and says what was seen last. */
import { inspect } from 'node:util';

export interface EventuallyOptions {
  /** The longest to wait, in ms. */
  readonly timeoutMs?: number;
  /** Between two looks, in ms. */
  readonly intervalMs?: number;
  /** What is waited for, for the failure's message. */
  readonly what?: string;
}

/**
 * Looks again and again until the value satisfies the condition, and returns it. A look that
 * throws counts as not yet. Fails after the deadline with the last value or error seen.
 */
export async function eventually<T>(
  look: () => Promise<T> | T,
  isSatisfied: (value: T) => boolean = Boolean,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 20, what = 'the condition' } = options;
  const deadline = Date.now() + timeoutMs;
  let lastSeen: string;
  for (;;) {
    try {
      const value = await look();
      if (isSatisfied(value)) {
        return value;
      }
      lastSeen = `last seen: ${inspect(value, { depth: 6, breakLength: 120 })}`;
    } catch (error) {
      lastSeen = `last failure: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}; ${lastSeen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** The promise's value, or a failure that names what was waited for after the deadline. */
export async function withDeadline<T>(
  promise: Promise<T>,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
