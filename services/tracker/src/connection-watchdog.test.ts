import { createServer, connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ConnectionWatchdog } from './connection-watchdog.js';

const SILENCE_MS = 5_000;
const TIMEOUT_MS = 4_000;

describe('a watchdog', () => {
  let pings = 0;
  let deaths = 0;
  let watchdog: ConnectionWatchdog;

  beforeEach(() => {
    jest.useFakeTimers();
    pings = 0;
    deaths = 0;
    watchdog = new ConnectionWatchdog({
      silenceMs: SILENCE_MS,
      timeoutMs: TIMEOUT_MS,
      sendPing: () => (pings += 1),
      onDead: () => (deaths += 1),
    });
    watchdog.start();
  });

  afterEach(() => {
    watchdog.stop();
    jest.useRealTimers();
  });

  test('does not ping while there is life', () => {
    for (let n = 0; n < 100; n += 1) {
      jest.advanceTimersByTime(SILENCE_MS - 1);
      watchdog.noteLife();
    }
    expect([pings, deaths]).toEqual([0, 0]);
  });

  test('pings after the silence, counted from the last sign of life', () => {
    jest.advanceTimersByTime(3_000);
    watchdog.noteLife();
    jest.advanceTimersByTime(SILENCE_MS - 1);
    expect(pings).toBe(0);
    jest.advanceTimersByTime(1);
    expect(pings).toBe(1);
  });

  test('calls it dead, once, when nothing follows the ping in time', () => {
    jest.advanceTimersByTime(SILENCE_MS + TIMEOUT_MS - 1);
    expect(deaths).toBe(0);
    jest.advanceTimersByTime(2);
    expect(deaths).toBe(1);
    jest.advanceTimersByTime(60_000);
    expect([pings, deaths]).toEqual([1, 1]);
  });

  test('goes on watching after an answer', () => {
    jest.advanceTimersByTime(SILENCE_MS + 1);
    watchdog.noteLife();
    jest.advanceTimersByTime(TIMEOUT_MS + 1);
    expect(deaths).toBe(0);
    jest.advanceTimersByTime(SILENCE_MS + TIMEOUT_MS + 2);
    expect([pings, deaths]).toEqual([2, 1]);
  });

  test('says nothing after stop', () => {
    jest.advanceTimersByTime(SILENCE_MS);
    watchdog.stop();
    jest.advanceTimersByTime(60_000);
    expect([pings, deaths]).toEqual([1, 0]);
  });
});

test('takes an answer that lay in the socket while this process was blocked', async () => {
  const timeoutMs = 20;
  const server = createServer((socket) => {
    socket.on('data', () => {
      socket.write('answer');
      const endMs = performance.now() + 3 * timeoutMs;
      while (performance.now() < endMs);
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let deaths = 0;
  await new Promise<void>((resolve) => {
    let pings = 0;
    const watchdog = new ConnectionWatchdog({
      silenceMs: 1,
      timeoutMs,
      sendPing: () => {
        pings += 1;
        client.write('ping');
        if (pings === 4) {
          watchdog.stop();
          resolve();
        }
      },
      onDead: () => {
        deaths += 1;
        resolve();
      },
    });
    client.on('data', () => watchdog.noteLife());
    client.on('connect', () => watchdog.start());
  });
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  expect(deaths).toBe(0);
});
