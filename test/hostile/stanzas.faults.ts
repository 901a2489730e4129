/**
 * The tracker under stanzas that no server should send. Nothing of it may reach a room that did not
 * say it, end the process, or stay in memory. HOSTILE_SEED repeats a run.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOM_ROW_KEYS } from '@conference/muc';
import * as fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '../support/eventually.js';
import { type HostileRig, SERVICES, startHostileRig, TARGET } from './hostile-rig.js';
import { hostileStanza } from './hostile-stanzas.js';
import { presenceOf } from './scripted-muc.js';

const SEED = Number(process.env['HOSTILE_SEED'] ?? 1);
const ROUNDS = 25;
const STANZAS_PER_ROUND = 40;
const KIBIBYTE = 1024;

let rig: HostileRig;

beforeAll(async () => {
  rig = await startHostileRig();
  await rig.expectTruth();
}, 30_000);

afterAll(() => rig.stop());

describe(`well-formed and senseless, seed ${SEED}`, () => {
  const rounds = fc.sample(fc.array(hostileStanza, { minLength: STANZAS_PER_ROUND }), {
    seed: SEED,
    numRuns: ROUNDS,
  });

  test.each(rounds.map((stanzas, index) => [index, stanzas] as const))(
    'round %i',
    async (_index, stanzas) => {
      (await rig.link()).send(stanzas.join(''));
      await rig.expectTruth();
      for (const row of await rig.rows()) {
        expect(ROOM_ROW_KEYS).toEqual(expect.arrayContaining(Object.keys(row)));
        expect(row.occupants).toBeGreaterThanOrEqual(row.moderators + row.participants);
        expect(row.emptyDate !== undefined).toBe(row.occupants === 0);
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );
});

describe('no XML, or too much of it', () => {
  const presence = (inner: string): string => `<presence from='${TARGET}/anna'>${inner}</presence>`;
  const laughs =
    `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">` +
    `<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`;

  test.each<[string, string | Uint8Array]>([
    ['an unknown entity', presence('&unknown;')],
    ['an entity of our own', `${laughs}${presence('&c;')}`],
    ['an external entity', `<!DOCTYPE x SYSTEM 'file:///etc/passwd'>${presence('&x;')}`],
    ['a reference to NUL', presence('&#0;')],
    ['a reference to half a surrogate pair', presence('&#xD800;')],
    ['a reference past Unicode', presence('&#x110000;')],
    ['a reference without an end', presence('&#x41')],
    ['elements closed in the wrong order', `<presence><x></presence></x>`],
    ['an end without a beginning', `</presence>${presence('')}`],
    ['the stream closed from within', `<presence></stream:stream>`],
    ['an attribute without quotes', `<presence from=${TARGET}/></presence>`],
    ['a tag in a tag', `<presence <presence from='${TARGET}'>></presence>`],
    ['a processing instruction', `<?php exit(); ?>${presence('')}`],
    ['a section that never ends', `<presence><![CDATA[${'x'.repeat(KIBIBYTE)}`],
    ['bytes that are no UTF-8', Uint8Array.of(0x3c, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xff, 0x3e)],
    ['UTF-16', Buffer.from(presence('tea'), 'utf16le')],
    ['a byte order mark', `\ufeff${presence('')}`],
    ['NUL', presence('\u0000')],
    ['elements a hundred thousand deep', '<presence>'.repeat(100_000)],
    ['two hundred thousand attributes', `<presence ${"a='b' ".repeat(200_000)}/>`],
    ['a name of 400 KiB', `<${'x'.repeat(400 * KIBIBYTE)}/>`],
    ['a stanza of 400 KiB of references', presence('&amp;'.repeat(80 * KIBIBYTE))],
  ])(
    '%s',
    async (_what, text) => {
      // A tracker of its own, which has no earlier fault to wait longer for.
      const attacked = await startHostileRig();
      try {
        await attacked.expectTruth();
        const link = await attacked.link();
        link.send(text);
        // What is not refused at once may have swallowed what comes next: another link it is.
        link.halfClose();
        await eventually(() => link.isClosed, Boolean, { what: 'the link to end', intervalMs: 2 });
        await attacked.expectTruth();
      } finally {
        await attacked.stop();
      }
    },
    30_000,
  );
});

test('a hundred megabytes of it leave nothing behind', async () => {
  const large = 'x'.repeat(400 * KIBIBYTE);
  const before = heapBytes();
  for (let count = 0; count < 64; count += 1) {
    const link = await rig.link();
    link.send(
      `<message type='groupchat' from='${TARGET}/anna'><body>${count}${large}</body></message>` +
        presenceOf(`nowhere@${SERVICES[0]}`, large, 'participant') +
        presenceOf(TARGET, 'anna', 'participant', 'anna@localhost/phone', ` status='${large}'`) +
        `<iq type='result' id='${count}' from='${TARGET}'><query xmlns='${large}'/></iq>`,
    );
    await rig.expectTruth();
  }
  expect(heapBytes() - before).toBeLessThan(16 * KIBIBYTE * KIBIBYTE);
}, 60_000);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
