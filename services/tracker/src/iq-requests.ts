/** The IQ requests that wait for their replies (RFC 6120, IQ Semantics, #stanzas-semantics-iq). */
import { bareJid, ConferenceError, normaliseJidPart, resourceOf } from '@conference/muc';
import { parseErrorCondition } from '@conference/muc-stanza';
import type { Element } from 'ltx';

export interface IqRequest<T> {
  /** Unguessable, since it is half of what tells a true reply from a forged one. */
  readonly id: string;
  /** To whom the request goes; only this JID's reply counts. */
  readonly to: string;
  readonly timeoutMs: number;
  /** Called synchronously within `settle`. */
  readonly onReply: (reply: Element) => T;
}

interface PendingRequest {
  readonly to: string;
  readonly settle: (reply: Element) => void;
  readonly fail: (error: Error) => void;
}

export class IqRequests {
  readonly #pending = new Map<string, PendingRequest>();

  /** How many wait for a reply. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Begins to wait for a reply.
   * Fails with `stanza-error` (with `condition`), `timeout`, what `onReply` throws, or what is
   * given to `fail` or `failAll`.
   */
  add<T>(request: IqRequest<T>): Promise<T> {
    const { id, to, timeoutMs, onReply } = request;
    return new Promise<T>((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.fail(id, noReply(to, timeoutMs));
      }, timeoutMs);
      this.#pending.set(id, {
        to,
        settle: (reply) => {
          clearTimeout(deadline);
          const condition = parseErrorCondition(reply);
          if (condition !== undefined) {
            reject(stanzaError(to, condition, reply));
            return;
          }
          try {
            resolve(onReply(reply));
          } catch (thrown) {
            const error = thrown as Error;
            reject(error);
          }
        },
        fail: (error) => {
          clearTimeout(deadline);
          reject(error);
        },
      });
    });
  }

  /**
   * Takes an IQ of type result or error.
   * @returns false where nobody waits for it: it is late, a duplicate, or somebody else's forgery.
   */
  settle(reply: Element): boolean {
    const { id, from } = reply.attrs;
    const request = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || request === undefined || !isSameJid(from, request.to)) {
      return false;
    }
    this.#pending.delete(id);
    request.settle(reply);
    return true;
  }

  /** Fails one request, if it still waits. */
  fail(id: string, error: Error): void {
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    request?.fail(error);
  }

  /** Fails all requests that wait now, at once. */
  failAll(error: Error): void {
    const requests = [...this.#pending.values()];
    this.#pending.clear();
    for (const request of requests) {
      request.fail(error);
    }
  }
}

function noReply(to: string, timeoutMs: number): ConferenceError {
  return new ConferenceError('timeout', `${to} did not answer within ${timeoutMs} ms`, {
    isRetryable: true,
  });
}

/** The failure that an IQ of type error stands for (RFC 6120, Stanza Errors, #stanzas-error). */
function stanzaError(to: string, condition: string, reply: Element): ConferenceError {
  return new ConferenceError('stanza-error', `${to} answered ${condition}`, {
    condition,
    isRetryable: reply.getChild('error')?.attrs['type'] === 'wait',
  });
}

/** Whether two JIDs mean the same entity; a server answers in its normalised form. */
function isSameJid(from: string | undefined, to: string): boolean {
  return from !== undefined && (from === to || normaliseJid(from) === normaliseJid(to));
}

function normaliseJid(jid: string): string {
  const resource = resourceOf(jid);
  const bare = normaliseJidPart(bareJid(jid));
  return resource === undefined ? bare : `${bare}/${resource}`;
}
