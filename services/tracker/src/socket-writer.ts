/** Writing to a socket with back-pressure. */
import type { Socket } from 'node:net';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Writes in the order of the calls; who writes too fast waits until the buffer is empty. */
export class SocketWriter {
  #waiters: Waiter[] = [];
  #failure: Error | undefined;

  constructor(
    private readonly socket: Socket,
    /** Bytes in the socket's buffer up to which nobody waits. */
    private readonly maximumBufferedBytes: number,
  ) {
    socket.on('drain', () => this.#releaseAll((waiter) => waiter.resolve()));
  }

  /** Writes at once. Fails with what is given to `fail`. */
  write(text: string): Promise<void> {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
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

  #releaseAll(release: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    waiters.forEach(release);
  }
}
