/** Waits for a room's answer to a join: a presence, which no IQ id ties to the question. */
import { ConferenceError } from '@conference/muc';
import type { LimitFunction } from 'p-limit';
import type { JoinAnswer } from './joined-room-listener.js';

export class JoinAnswers {
  #pending: { resolve: (answer: JoinAnswer) => void; reject: (error: Error) => void } | undefined;

  constructor(
    private readonly timeoutMs: number,
    private readonly limit: LimitFunction,
  ) {}

  /**
   * Sends a join and waits. One at a time.
   * Fails with `timeout`, and with `xmpp-unavailable` when the session or the room ends first.
   */
  await(send: () => Promise<void>): Promise<JoinAnswer> {
    return this.limit(
      () =>
        new Promise<JoinAnswer>((resolve, reject) => {
          const timer = setTimeout(() => {
            reject(
              new ConferenceError('timeout', 'the room did not answer the join', {
                isRetryable: true,
              }),
            );
          }, this.timeoutMs);
          this.#pending = {
            resolve: (answer) => {
              clearTimeout(timer);
              resolve(answer);
            },
            reject: (error) => {
              clearTimeout(timer);
              reject(error);
            },
          };
          send().catch((error: unknown) => {
            clearTimeout(timer);
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        }),
    );
  }

  /** Hands over an answer; without somebody waiting it is dropped. */
  answer(answer: JoinAnswer): void {
    this.#pending?.resolve(answer);
    this.#pending = undefined;
  }

  /** Nobody will answer any more. */
  fail(): void {
    this.#pending?.reject(
      new ConferenceError('xmpp-unavailable', 'the room is no longer followed', {
        isRetryable: true,
      }),
    );
    this.#pending = undefined;
  }
}
