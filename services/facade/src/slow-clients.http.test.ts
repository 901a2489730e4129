import { afterEach, expect, test } from '@jest/globals';
import { request, type IncomingMessage } from 'node:http';
import { LIST, makeRow, waitUntil, type FacadeFixture } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

/** More bytes than the kernel takes for a client that reads nothing. */
const description = 'd'.repeat(4000);
const rows = Array.from({ length: 6000 }, (_, index) =>
  makeRow(`room${index}|sitea`, { description }),
);

/** Asks for the list, and takes nothing of its body. */
function begin({ url, authorization }: FacadeFixture): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url + LIST, { headers: { authorization }, agent: false }, resolve)
      .once('error', reject)
      .end();
  });
}

/** Takes the body after all. @returns whether all of it came */
function takeWhole(answer: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    answer.on('error', () => answer.destroy());
    answer.once('close', () => resolve(answer.complete));
    answer.resume();
  });
}

/** Two clients that take nothing, of which the second asks after a change of every row. */
async function beginTwo(maxBytes: number): Promise<readonly [IncomingMessage, IncomingMessage]> {
  const fixture = await start({
    rows,
    environment: { FACADE_MAX_LEFT_BEHIND_BYTES: String(maxBytes) },
  });
  const first = await begin(fixture);
  await fixture.writer.commit({
    changes: rows.map((row) => ({ kind: 'put', row: { ...row, subject: 'changed' } })),
  });
  const isOther = async (): Promise<boolean> =>
    (await fixture.list({ 'if-none-match': first.headers.etag ?? '' })).status === 200;
  await waitUntil('the change', isOther);
  return [first, await begin(fixture)];
}

test('a slow client gets what it was begun with, whatever changes', async () => {
  const [first, second] = await beginTwo(2 ** 30);
  expect(await Promise.all([takeWhole(first), takeWhole(second)])).toEqual([true, true]);
});

test('who takes an older list is cut off where too much is held for that alone', async () => {
  const [first, second] = await beginTwo(1_000_000);
  expect(await Promise.all([takeWhole(first), takeWhole(second)])).toEqual([false, true]);
});
