import { expect, test } from '@jest/globals';
import { Lifecycle } from './lifecycle.js';
import { createSilentLogger } from './logger.js';
import type { Logger } from './logger.js';

const FOREVER = new Promise<void>(() => undefined);

function recordingLogger(lines: string[]): Logger {
  const record =
    (level: string) =>
    (fields: object): void => {
      lines.push(`${level} ${String((fields as { step?: unknown }).step)}`);
    };
  const logger: Logger = {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    child: () => logger,
  };
  return logger;
}

test('the last started is stopped first, one after another', async () => {
  const lifecycle = new Lifecycle(createSilentLogger(), 5_000);
  const order: string[] = [];
  lifecycle.onStop('store', () => {
    order.push('store');
  });
  lifecycle.onStop('server', async () => {
    order.push('server begins');
    await new Promise(setImmediate);
    order.push('server ends');
  });
  await lifecycle.stop();
  expect(order).toEqual(['server begins', 'server ends', 'store']);
});

test('a step that fails, however it fails, keeps no other from running', async () => {
  const lines: string[] = [];
  const lifecycle = new Lifecycle(recordingLogger(lines), 5_000);
  const order: string[] = [];
  lifecycle.onStop('first', () => {
    order.push('first');
  });
  lifecycle.onStop('throws', () => {
    throw new Error('at once');
  });
  lifecycle.onStop('rejects', () => Promise.reject(new Error('later')));
  await lifecycle.stop();
  expect(order).toEqual(['first']);
  expect(lines).toEqual(['error rejects', 'error throws']);
});

test('a step that hangs is passed over after its time', async () => {
  const lines: string[] = [];
  const lifecycle = new Lifecycle(recordingLogger(lines), 20);
  const order: string[] = [];
  lifecycle.onStop('first', () => {
    order.push('first');
  });
  lifecycle.onStop('hangs', () => FOREVER);
  await lifecycle.stop();
  expect(order).toEqual(['first']);
  expect(lines).toEqual(['warn hangs']);
});

test('a step that fails after its time is up is no unhandled rejection', async () => {
  const lifecycle = new Lifecycle(createSilentLogger(), 5);
  let fail: (error: Error) => void = () => undefined;
  lifecycle.onStop('late', () => new Promise<void>((_resolve, reject) => (fail = reject)));
  const unhandled: unknown[] = [];
  const collect = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', collect);
  try {
    await lifecycle.stop();
    fail(new Error('too late'));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  } finally {
    process.off('unhandledRejection', collect);
  }
  expect(unhandled).toEqual([]);
});

test('stopping twice is one stop, and both wait for its end', async () => {
  const lifecycle = new Lifecycle(createSilentLogger(), 5_000);
  let count = 0;
  let isOver = false;
  lifecycle.onStop('step', async () => {
    count += 1;
    await new Promise(setImmediate);
    isOver = true;
  });
  const first = lifecycle.stop();
  await lifecycle.stop();
  expect(isOver).toBe(true);
  await first;
  expect(count).toBe(1);
});

test('nothing to stop is stopped', async () => {
  await expect(new Lifecycle(createSilentLogger(), 5_000).stop()).resolves.toBeUndefined();
});
