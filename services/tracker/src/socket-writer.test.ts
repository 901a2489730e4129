import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { SocketWriter } from './socket-writer.js';

/** Takes what is written piece by piece, each only when it is let go on. */
class Outlet extends Writable {
  readonly pieces: string[] = [];
  #goOn: (() => void) | undefined;

  constructor(private readonly isHolding: boolean) {
    super({ decodeStrings: false, highWaterMark: 1 });
  }

  override _write(text: string, _encoding: string, callback: () => void): void {
    this.#take([text], callback);
  }

  override _writev(chunks: readonly { chunk: unknown }[], callback: () => void): void {
    this.#take(
      chunks.map(({ chunk }) => String(chunk)),
      callback,
    );
  }

  goOn(): void {
    this.#goOn?.();
  }

  #take(texts: readonly string[], callback: () => void): void {
    this.pieces.push(texts.join(''));
    if (this.isHolding) this.#goOn = callback;
    else callback();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the socket writer', () => {
  test('sends what is written in one turn in one piece and in order', async () => {
    const outlet = new Outlet(false);
    const writer = new SocketWriter(outlet, 1_000);
    await Promise.all(['<a/>', '<b/>', '<c/>'].map((text) => writer.write(text)));
    await turn();
    expect(outlet.pieces).toEqual(['<a/><b/><c/>']);
  });

  test('sends in the next turn what is written in the next', async () => {
    const outlet = new Outlet(false);
    const writer = new SocketWriter(outlet, 1_000);
    await writer.write('<a/>');
    await turn();
    await writer.write('<b/>');
    await turn();
    expect(outlet.pieces).toEqual(['<a/>', '<b/>']);
  });

  test('lets nobody wait while little is buffered, and everybody until the buffer is empty', async () => {
    const outlet = new Outlet(true);
    const writer = new SocketWriter(outlet, 6);
    await writer.write('<a/>');
    let isWritten = false;
    const waiting = writer.write('<b/>').then(() => (isWritten = true));
    await turn();
    expect(isWritten).toBe(false);
    outlet.goOn();
    await waiting;
    expect(outlet.pieces.join('')).toBe('<a/><b/>');
  });

  test('fails who waits and who comes later', async () => {
    const outlet = new Outlet(true);
    const writer = new SocketWriter(outlet, 1);
    const waiting = writer.write('<a/>');
    writer.fail(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(writer.write('<b/>')).rejects.toThrow('gone');
  });
});
