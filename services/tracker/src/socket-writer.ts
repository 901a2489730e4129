/** Writing to a socket: in as few pieces as can be, and with back-pressure. */
import type { Writable } from 'node:stream';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Writes in the order of the calls; who writes too fast waits until the buffer is empty. */
export class SocketWriter {
  #waiters: Waiter[] = [];
  #failure: Error | undefined;
  #isGathering = false;

  constructor(
    private readonly socket: Writable,
    /** Bytes in the socket's buffer up to which nobody waits. */
    private readonly maximumBufferedBytes: number,
  ) {
    socket.on('drain', () => this.#releaseAll((waiter) => waiter.resolve()));
  }

  /** Writes at the end of this turn of the event loop. Fails with what is given to `fail`. */
  write(text: string): Promise<void> {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
    this.#gather();
    this.socket.write(text);
    if (this.socket.writableLength <= this.maximumBufferedBytes) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Fails everybody who waits, and every later write. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#releaseAll((waiter) => waiter.reject(error));
  }

  /** Writes the last text, ends our side, and waits until the socket is closed or the time is up. */
  async end(text: string, timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, timeoutMs);
      this.socket.once('close', () => {
        clearTimeout(deadline);
        resolve();
      });
      this.socket.end(text);
    });
  }

  /**
   * What is written in one turn goes out in one piece: the answers to thirty requests arrive
   * together, and the thirty requests that follow need not wake the server thirty times.
   */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.socket.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.socket.uncork();
    });
  }

  #releaseAll(release: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    waiters.forEach(release);
  }
}
