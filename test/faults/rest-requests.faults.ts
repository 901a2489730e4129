/**
 * The facade's process under requests that are too large, that two readers of HTTP may understand
 * differently, or that are no requests: each that is whole is answered once, in the envelope.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failureEnvelopeSchema } from '@conference/rest-contract';
import * as fc from 'fast-check';
import { type Reply, talk } from '../../services/facade/src/facade.fixture.js';
import { repliesIn } from '../../services/facade/src/raw-replies.fixture.js';
import { FAULT_SEED } from './fault-rig.js';
import { RawConnections } from './raw-connections.js';
import { REQUEST_TIMEOUT_MS, RestRig } from './rest-rig.js';
import { SHAPES } from './smuggled-requests.js';

const KIBIBYTE = 1024;
/** Between two pieces of what is too large, in ms. */
const PACE_MS = 5;
const CLIENTS = 50;
const ROUNDS = 40;

let rig: RestRig;

beforeAll(async () => {
  rig = await RestRig.start(100);
});

afterAll(() => rig.stop());

/** The beginning of a request, and what goes on behind it. */
function headOf(asked: string, more = ''): string {
  return `${asked} HTTP/1.1\r\nHost: x\r\n${more}`;
}

/** The code of the envelope, which every failure must be. */
function codeOf({ bytes }: Reply): string | undefined {
  return failureEnvelopeSchema.parse(JSON.parse(bytes.toString())).error[0]?.code;
}

describe('too large, sent on and on:', () => {
  const large = 'x'.repeat(64 * KIBIBYTE);
  const chunked = 'Transfer-Encoding: chunked\r\n\r\n';

  test.each([
    ['an address', 'headers-too-large', 'GET /', large],
    ['one header', 'headers-too-large', headOf('GET /', 'X-Large: '), large],
    ['very many headers', 'headers-too-large', headOf('GET /'), 'a:\r\n'.repeat(16 * KIBIBYTE)],
    [
      'a body of a known length',
      'body-too-large',
      headOf('POST /', 'Content-Length: 9000000000\r\n\r\n'),
      large,
    ],
    ['a body of chunks', 'body-too-large', headOf('POST /', chunked), `10000\r\n${large}\r\n`],
    ['an extension of a chunk', 'body-too-large', headOf('POST /', `${chunked}5;`), large],
    ['trailers', 'headers-too-large', headOf('POST /nowhere', `${chunked}0\r\nX-Large: `), large],
  ])('%s', (_what, code, head, piece) =>
    rig.withstand(async () => {
      const clients = await RawConnections.open(rig.port, CLIENTS, { says: () => head });
      await clients.drip(piece, PACE_MS, REQUEST_TIMEOUT_MS);
      await clients.untilOpen(0, 2 * REQUEST_TIMEOUT_MS);
      for (const text of clients.heard) expect(repliesIn(text).map(codeOf)).toEqual([code]);
    }),
  );

  test('an address that a head has room for', async () => {
    const head = `GET /${'x'.repeat(5_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expect(repliesIn(await talk(rig.url, head)).map(codeOf)).toEqual(['target-too-long']);
  });
});

// What comes last is answered only where all before it was understood, and as it was meant.
describe('smuggling:', () => {
  const last = 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

  test.each(SHAPES.map(({ what, bytes, statuses }) => [what, bytes, statuses] as const))(
    '%s',
    async (_what, bytes, statuses) => {
      const replies = repliesIn(await talk(rig.url, Buffer.from(bytes + last, 'latin1')));
      expect(replies.map(({ status }) => status)).toEqual(statuses);
      for (const reply of replies) if (reply.status !== 200) codeOf(reply);
    },
  );
});

describe(`no requests, FAULT_SEED=${FAULT_SEED}:`, () => {
  const good = `GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc`;
  const mutated = fc
    .array(
      fc.record({
        at: fc.nat(good.length - 1),
        byte: fc.nat(255),
        act: fc.constantFrom('replace', 'insert', 'remove', 'repeat'),
      }),
      { minLength: 1, maxLength: 5 },
    )
    .map((changes) => changes.reduce(mutate, Buffer.from(good + good)));
  const random = fc
    .uint8Array({ minLength: 1, maxLength: 600 })
    .map((bytes) => Buffer.concat([bytes, Buffer.from('\r\n\r\n')]));

  test.each([
    ['random bytes', random],
    ['requests with some bytes changed', mutated],
  ])('%s', (_what, arbitrary) =>
    rig.withstand(async () => {
      const said = fc.sample(arbitrary, { seed: FAULT_SEED, numRuns: CLIENTS * ROUNDS });
      for (let round = 0; round < ROUNDS; round += 1) {
        const clients = await RawConnections.open(rig.port, CLIENTS, {
          says: (index) => said[round * CLIENTS + index] ?? '',
        });
        clients.endAll();
        await clients.untilOpen(0, 2 * REQUEST_TIMEOUT_MS);
        for (const reply of clients.heard.flatMap(repliesIn)) {
          if (reply.status !== 200) codeOf(reply);
        }
      }
    }),
  );
});

function mutate(
  bytes: Buffer,
  { at, byte, act }: { readonly at: number; readonly byte: number; readonly act: string },
): Buffer {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (act) {
    case 'insert':
      return Buffer.concat([before, Buffer.of(byte), after]);
    case 'remove':
      return Buffer.concat([before, after.subarray(1)]);
    case 'repeat':
      return Buffer.concat([before, after, after]);
    default:
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
  }
}
