/**
 * Every pair of files beside this one, `NAME.xml` with `NAME.json`, is a case; a new pair needs no
 * code. The JSON names the function of @conference/muc-stanza that is called, with the arguments
 * that it takes beside the stanza:
 * - `parse…` must read the stanza as `value` (null where it must not understand it; a set is
 *   written as a sorted list). `source` says where the stanza was seen.
 * - `build…` must write the stanza, whatever the order of attributes.
 */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as mucStanza from '@conference/muc-stanza';
import { Element, parse } from 'ltx';

interface StanzaCase {
  readonly shows: string;
  readonly source?: string;
  readonly call: string;
  readonly arguments?: readonly unknown[];
  readonly value?: unknown;
}

const HERE = import.meta.dirname;
const FUNCTIONS = Object.entries(mucStanza as Record<string, unknown>).filter(
  (entry): entry is [string, (...args: readonly unknown[]) => unknown] =>
    typeof entry[1] === 'function',
);
const called = new Set<string>();

const folders = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('there are cases', () => {
  expect(folders.length).toBeGreaterThan(0);
});

describe.each(folders)('%s', (folder) => {
  const files = readdirSync(join(HERE, folder));
  const names = [...new Set(files.map((file) => file.replace(/\.(xml|json)$/, '')))].sort();

  test('has cases, and every file has its partner', () => {
    expect(names.length).toBeGreaterThan(0);
    expect(files.sort()).toEqual(names.flatMap((name) => [`${name}.json`, `${name}.xml`]).sort());
  });

  test.each(names)('%s', (name) => {
    const stanza = parse(readFileSync(join(HERE, folder, `${name}.xml`), 'utf8'));
    const given = JSON.parse(
      readFileSync(join(HERE, folder, `${name}.json`), 'utf8'),
    ) as StanzaCase;
    const call = FUNCTIONS.find(([functionName]) => functionName === given.call)?.[1];
    if (call === undefined) throw new Error(`@conference/muc-stanza has no ${given.call}`);
    called.add(given.call);
    expect(given.shows).toMatch(/\.$/);
    if (given.call.startsWith('build')) {
      const built = call(...(given.arguments ?? []));
      if (!(built instanceof Element)) throw new Error(`${given.call} built no element`);
      expect(canonical(built)).toEqual(canonical(stanza));
      // What is written must also survive the wire.
      expect(canonical(parse(built.toString()))).toEqual(canonical(stanza));
    } else {
      expect(typeof given.source).toBe('string');
      expect(plain(call(stanza, ...(given.arguments ?? [])))).toEqual(given.value);
    }
  });
});

test('every function that reads or writes a stanza has a case', () => {
  expect(FUNCTIONS.map(([name]) => name).filter((name) => !called.has(name))).toEqual([]);
});

/** A value as JSON can hold it: sets as sorted lists, what is undefined as null. */
function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Set) return [...(value as ReadonlySet<string>)].sort();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

/** An element without what XML does not distinguish: order of attributes, indentation. */
function canonical(element: Element): unknown {
  const hasElements = element.getChildElements().length > 0;
  const attributes = Object.entries(element.attrs).filter(([, value]) => value !== undefined);
  return {
    name: element.name,
    attributes: Object.fromEntries(attributes),
    children: element.children.flatMap((child) => {
      if (typeof child !== 'string') return [canonical(child)];
      return hasElements && child.trim() === '' ? [] : [child];
    }),
  };
}
