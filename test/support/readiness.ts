/** Why the whole is not ready, as `GET /readyz` says it. */
import type { Stack } from './stack.js';

export interface UnreadyReason {
  /** What it is about, e.g. `tracker: XMPP server`. */
  readonly field: string;
  readonly message: string;
}

/** None where it is ready. */
export async function readUnreadyReasons(
  stack: Pick<Stack, 'fetch'>,
): Promise<readonly UnreadyReason[]> {
  const response = await stack.fetch('/readyz');
  if (response.status !== 503) return [];
  return ((await response.json()) as { error: UnreadyReason[] }).error;
}
