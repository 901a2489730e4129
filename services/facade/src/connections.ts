/**
 * Who stays connected. Whoever holds connections without using them, does not read the answers, or
 * asks on and on before reading any, must neither shut others out nor keep memory.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { asExchange } from './exchange.js';

/** Between two looks for answers that nobody reads, in ms. */
const SWEEP_MS = 500;
/**
 * How many requests may wait for their answers on one connection. Hardly any client pipelines; each
 * that waits takes some 10 KB.
 */
export const MAX_PIPELINED = 16;

/** A server's connection; Node attaches the response that is due next. */
export interface AnsweringSocket extends Pick<Socket, 'destroy'> {
  readonly _httpMessage?: ServerResponse | null;
}

/** Why a connection was cut: to make room, its answer was not read, or it asked on and on. */
export type CutReason = 'limit' | 'unread' | 'pipelined';

export interface ConnectionsOptions {
  readonly maxConnections: number;
  /** How long a whole request's answer may take to be read, in ms. */
  readonly answerTimeoutMs: number;
  readonly onCut: (reason: CutReason) => void;
}

export class Connections {
  /**
   * How many answers are due on each. The one whose last answer, or whose beginning, is the longest
   * ago comes first.
   */
  readonly #due = new Map<AnsweringSocket, number>();
  #sweeping: NodeJS.Timeout | undefined;

  constructor(private readonly options: ConnectionsOptions) {}

  /**
   * Takes a new connection in. At the limit it takes the place of the one that has been idle for
   * longest; where none is idle, of the one whose answers are under way for longest.
   */
  add(socket: AnsweringSocket): void {
    if (this.#due.size >= this.options.maxConnections) this.#makeRoom();
    this.#due.set(socket, 0);
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** A request has come. Returns false where the connection is cut, so that nobody need answer. */
  begin(socket: AnsweringSocket): boolean {
    const due = this.#due.get(socket);
    if (due === undefined) return false;
    if (due === MAX_PIPELINED) {
      this.#cut(socket, 'pipelined');
      return false;
    }
    this.#due.set(socket, due + 1);
    return true;
  }

  /** The answer to one of its requests is over. */
  end(socket: AnsweringSocket): void {
    const due = this.#due.get(socket);
    if (due === undefined) return;
    this.#due.delete(socket);
    this.#due.set(socket, due - 1);
  }

  /** It is closed. */
  delete(socket: AnsweringSocket): void {
    this.#due.delete(socket);
    if (this.#due.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  #makeRoom(): void {
    let oldest: AnsweringSocket | undefined;
    for (const [socket, due] of this.#due) {
      oldest ??= socket;
      if (due > 0) continue;
      oldest = socket;
      break;
    }
    if (oldest !== undefined) this.#cut(oldest, 'limit');
  }

  /** Requests that have not arrived whole have a deadline of their own, and an answer. */
  #sweep(): void {
    const oldestMs = performance.now() - this.options.answerTimeoutMs;
    for (const socket of this.#due.keys()) {
      const { _httpMessage: due } = socket;
      if (due?.req.complete && asExchange(due).startedAtMs < oldestMs) this.#cut(socket, 'unread');
    }
  }

  #cut(socket: AnsweringSocket, reason: CutReason): void {
    this.#due.delete(socket);
    socket.destroy();
    this.options.onCut(reason);
  }
}
