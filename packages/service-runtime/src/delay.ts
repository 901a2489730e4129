/** Waiting that a signal can cut short. */

/**
 * Resolves after the time, or at once when one of the signals aborts; never rejects. Leaves nothing
 * behind at them: `AbortSignal.any` would, at a signal that outlives many waits, with each wait.
 */
export function delay(timeMs: number, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some(({ aborted }) => aborted)) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, timeMs);
    for (const signal of signals) signal.addEventListener('abort', finish);
  });
}
