/** Asking once more, where whoever is asked keeps silent. */
import { delay } from '@conference/service-runtime';

/**
 * How long a room may keep silent before it is asked once more, in ms.
 * COMPAT(ejabberd 23.01): what reaches a room while it ends is answered by nobody; whoever waited
 * for the deadline had a wrong list until then. Shown by test/faults, where rooms end amid reading.
 */
export const ASK_AGAIN_MS = 500;

/** The answer that comes first. Both answers may come: what is done with them must bear that. */
export async function orAskAgain<T>(ask: () => Promise<T>): Promise<T> {
  const isAnswered = new AbortController();
  const first = ask();
  const askAgain = async (): Promise<T> => {
    await delay(ASK_AGAIN_MS, isAnswered.signal);
    return isAnswered.signal.aborted ? first : ask();
  };
  try {
    return await Promise.race([first, askAgain()]);
  } finally {
    isAnswered.abort();
  }
}
