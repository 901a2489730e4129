/** A link on which nothing arrives by one way, for longer than anybody waits. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Way } from '../servers/tcp-proxy.js';
import type { FaultRig } from './fault-rig.js';

/** Longer than a silent connection is kept, in ms. */
const SILENCE_MS = 12_000;

export interface SilentWay {
  readonly way: Way;
  readonly title: string;
  /** Resolves when nobody waits any more. */
  readonly last: (rig: FaultRig) => Promise<void>;
}

export const SILENT_WAYS: readonly SilentWay[] = [
  { way: 'answers', title: 'from the server', last: (rig) => rig.untilStale() },
  // Where nothing needs to be asked, the list stays live and true.
  { way: 'requests', title: 'to the server', last: () => wait(SILENCE_MS) },
];
