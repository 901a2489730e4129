/** Waits for a room's answer to a join: a presence, which no IQ id ties to the question. */
import { ConferenceError } from '@conference/muc';
import type { LimitFunction } from 'p-limit';
import { ASK_AGAIN_MS } from '../ask-again.js';
import type { JoinAnswer } from './joined-room-listener.js';

export class JoinAnswers {
  #pending: { resolve: (answer: JoinAnswer) => void; reject: (error: Error) => void } | undefined;
  #isOver = false;

  constructor(
    private readonly timeoutMs: number,
    private readonly limit: LimitFunction,
  ) {}

  /**
   * Sends a join and waits; a room that keeps silent is sent it once more, which shows whoever is in
   * everything again. One at a time.
   * Fails with `timeout`, and with `xmpp-unavailable` when the session or the room ends first.
   */
  await(send: () => Promise<void>): Promise<JoinAnswer> {
    return this.limit(
      () =>
        new Promise<JoinAnswer>((resolve, reject) => {
          // A join that was still to come would enter the room for nobody.
          if (this.#isOver) {
            reject(endOfFollowing());
            return;
          }
          const timers = [
            setTimeout(() => {
              reject(
                new ConferenceError('timeout', 'the room did not answer the join', {
                  isRetryable: true,
                }),
              );
            }, this.timeoutMs),
            setTimeout(() => void trySend(), ASK_AGAIN_MS),
          ];
          const settle = (): void => timers.forEach((timer) => clearTimeout(timer));
          const trySend = (): Promise<void> =>
            send().catch((error: unknown) => {
              settle();
              reject(error instanceof Error ? error : new Error(String(error)));
            });
          this.#pending = {
            resolve: (answer) => {
              settle();
              resolve(answer);
            },
            reject: (error) => {
              settle();
              reject(error);
            },
          };
          void trySend();
        }),
    );
  }

  /** Hands over an answer; without somebody waiting it is dropped. */
  answer(answer: JoinAnswer): void {
    this.#pending?.resolve(answer);
    this.#pending = undefined;
  }

  /** Nobody will answer any more: no join is sent from now on. */
  fail(): void {
    this.#isOver = true;
    this.#pending?.reject(endOfFollowing());
    this.#pending = undefined;
  }
}

function endOfFollowing(): ConferenceError {
  return new ConferenceError('xmpp-unavailable', 'the room is no longer followed', {
    isRetryable: true,
  });
}
