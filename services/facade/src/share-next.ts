/** Work that many ask for at the same time, done once for all of them. */

/**
 * Does one piece of work at a time. Who asks while one is under way shares the next with all who
 * do, so that what anybody gets was begun after asking.
 */
export class ShareNext<T> {
  #running: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(private readonly work: () => Promise<T>) {}

  run(): Promise<T> {
    if (!this.#running) {
      return this.#next ?? this.#start();
    }
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<T> {
    this.#next = undefined;
    const running = this.work().finally(() => {
      if (this.#running === running) {
        this.#running = undefined;
      }
    });
    this.#running = running;
    return running;
  }
}
