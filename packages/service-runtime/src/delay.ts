/** Waiting that a signal can cut short. */

/** Resolves after the time, or at once when the signal aborts; never rejects. */
export function delay(timeMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, timeMs);
    signal?.addEventListener('abort', finish);
  });
}
