/**
 * The tracker under answers that are late, given twice, by somebody else, senseless or never given.
 * Whatever it makes of them, in the end the list is the truth. HOSTILE_SEED repeats a run.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Element } from 'ltx';
import type { FakeXmppLink } from '../servers/fake-xmpp-link.js';
import { errorOf } from '../servers/fake-xmpp-server.js';
import { startHostileRig } from './hostile-rig.js';

const SEED = Number(process.env['HOSTILE_SEED'] ?? 1);
const RUNS = 4;
/** How many answers are spoilt; then the server behaves. */
const SPOILT = 40;
/** Longer than the tracker waits for an answer here. */
const LATE_MS = 400;

type Spoil = (answer: string, iq: Element, link: FakeXmppLink) => void;

/** Says that mallory owns the room, in the name of whom was asked or of somebody else. */
const lieOf = ({ attrs: { id, from, to } }: Element, sender = to): string =>
  `<iq type='result' id='${id}' from='${sender}' to='${from}'>` +
  `<query xmlns='http://jabber.org/protocol/muc#admin'>` +
  `<item affiliation='owner' jid='mallory@localhost'/></query></iq>`;

const SPOILS: Readonly<Record<string, Spoil>> = {
  'as it is': (answer, _iq, link) => link.send(answer),
  twice: (answer, _iq, link) => link.send(answer + answer),
  'twice, the second a lie': (answer, iq, link) => link.send(answer + lieOf(iq)),
  'by others first': (answer, iq, link) => {
    const asked = iq.attrs['to'] ?? '';
    const service = asked.split('@').at(-1) ?? '';
    const others = ['', service, `other@${service}`, `${asked}/anna`, 'rooms.localhost.evil'];
    // What the service itself is asked is for the service to answer.
    const liars = others.filter((sender) => sender !== asked);
    link.send(liars.map((sender) => lieOf(iq, sender)).join('') + answer);
  },
  'with another id': (answer, iq, link) =>
    link.send(lieOf(iq).replace(/ id='[^']*'/, " id='guessed'") + answer),
  late: (answer, _iq, link) => void setTimeout(() => link.send(answer), LATE_MS),
  never: () => undefined,
  'with an error that passes': (_answer, iq, link) =>
    link.send(errorOf(iq, 'internal-server-error', 'wait')),
  'with nothing in it': (_answer, { attrs: { id, from, to } }, link) =>
    link.send(`<iq type='result' id='${id}' from='${to}' to='${from}'/>`),
  'with 400 KiB beside it': (answer, _iq, link) =>
    link.send(answer.replace('</iq>', `<x>${'&lt;'.repeat(100 * 1024)}</x></iq>`)),
};

const plans = fc.sample(
  fc.array(fc.constantFrom(...Object.keys(SPOILS)), { minLength: SPOILT, maxLength: SPOILT }),
  { seed: SEED, numRuns: RUNS },
);

async function run(plan: readonly string[]): Promise<void> {
  let answered = 0;
  const rig = await startHostileRig((muc) => {
    muc.sendAnswer = (answer, iq, link) => {
      const name = plan[answered] ?? 'as it is';
      answered += 1;
      SPOILS[name]?.(answer, iq, link);
    };
  });
  try {
    await rig.expectTruth();
    expect(answered).toBeGreaterThan(SPOILT / 2);
  } finally {
    await rig.stop();
  }
}

test(`answers spoilt at random, seed ${SEED}`, async () => {
  await Promise.all(plans.map(run));
}, 60_000);
