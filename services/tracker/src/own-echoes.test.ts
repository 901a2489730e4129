import { expect, test } from '@jest/globals';
import { parse, type Element } from 'ltx';
import { type EchoState, OwnEchoes } from './own-echoes.js';

const DOMAIN = 'tracker.localhost';

/** Stanzas as they come back, in the order in which they were sent. */
function echoesOf(own: OwnEchoes): Element[] {
  return parse(`<stream>${own.text}</stream>`).getChildElements();
}

function hearAll(own: OwnEchoes, stanzas: readonly Element[]): EchoState[] {
  return stanzas.map((stanza) => own.hear(stanza));
}

test('all that were sent come back, whatever else comes in between', () => {
  const own = new OwnEchoes(DOMAIN);
  const echoes = echoesOf(own);
  const [first] = echoes;
  expect(first?.attrs).toMatchObject({ from: DOMAIN, to: DOMAIN, type: 'get' });
  const other = parse("<presence from='room@muc/nick' to='tracker.localhost'/>");
  const states = hearAll(own, [other, ...echoes.slice(0, -1), other, ...echoes.slice(-1)]);
  expect(states.at(-1)).toBe('complete');
  expect(new Set(states.slice(0, -1))).toEqual(new Set(['foreign', 'waiting']));
  expect(own.hasHeardAny).toBe(true);
});

test('one that is passed over has gone elsewhere', () => {
  const own = new OwnEchoes(DOMAIN);
  const [first, , third] = echoesOf(own);
  expect(hearAll(own, [first!, third!])).toEqual(['waiting', 'missing']);
});

test('the echoes of another connection are none of ours', () => {
  const own = new OwnEchoes(DOMAIN);
  const states = hearAll(own, echoesOf(new OwnEchoes(DOMAIN)));
  expect(new Set(states)).toEqual(new Set(['foreign']));
  expect(own.hasHeardAny).toBe(false);
});
