/**
 * Reads a snapshot page by page. While one page is read the server makes the next: the one after
 * the last is asked for in vain.
 */
import { setImmediate } from 'node:timers/promises';
import { missedPart } from './missed-part.js';

/** Takes in a page when it comes, and resolves with the number of the next; undefined: none. */
export type AskForPage = (page: number) => Promise<number | undefined>;

/**
 * Reads from page 0 to the last; false where the signal aborts first.
 * Fails as `ask`, and with `protocol-violation` where the pages are not in order.
 */
export async function readPagesAhead(signal: AbortSignal, ask: AskForPage): Promise<boolean> {
  let page = 0;
  let awaited = askQuietly(ask, page);
  let ahead: Promise<number | undefined> | undefined;
  for (;;) {
    const next = await awaited;
    if (signal.aborted) return false;
    if (next === undefined) return true;
    if (next !== page + 1) throw missedPart('the pages are not in order');
    page = next;
    awaited = ahead ?? askQuietly(ask, page);
    // Two questions that arrive together would keep the server from others for two pages.
    if (ahead === undefined) await setImmediate();
    ahead = askQuietly(ask, page + 1);
  }
}

/** A failure counts when the page's turn has come, which it may not: there may be no such page. */
function askQuietly(ask: AskForPage, page: number): Promise<number | undefined> {
  const asked = ask(page);
  asked.catch(() => undefined);
  return asked;
}
