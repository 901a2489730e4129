import { describe, expect, test } from '@jest/globals';
import { acceptsGzip, isUnmodified, lastModifiedMs, namesEtag } from './conditional-request.js';

describe('acceptsGzip', () => {
  test.each<[string | undefined, boolean]>([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['GZIP', true],
    ['x-gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['gzip ; q=1.0', true],
    ['*', true],
    ['*;q=0', false],
    ['gzip;q=0, *', false],
    ['*, gzip;q=0', false],
    ['identity', false],
    ['notgzip', false],
    ['br, deflate', false],
  ])('%j: %s', (header, isWanted) => {
    expect(acceptsGzip(header)).toBe(isWanted);
  });
});

describe('namesEtag', () => {
  test.each<[string, boolean]>([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['"b","x,y",W/"a"', true],
    ['*', true],
    [' * ', true],
    ['', false],
    ['a', false],
    ['"b"', false],
    ['"aa"', false],
    ['"b, "', false],
  ])('%j: %s', (header, isNamed) => {
    expect(namesEtag(header, '"a"')).toBe(isNamed);
  });
});

describe('dates with whole seconds', () => {
  const at = (seconds: number): number => Math.round(seconds * 1000);
  const text = (seconds: number): string => new Date(at(seconds)).toUTCString();

  test('the second of a change is told once it is over', () => {
    expect(lastModifiedMs(at(100.2), at(100.9))).toBe(at(99));
    expect(lastModifiedMs(at(100.2), at(101))).toBe(at(100));
  });

  test('a list that changed twice in a second is never taken for its earlier state', () => {
    const changes = [at(99.5), at(100.2), at(100.7)];
    for (const [held, heldSince] of changes.entries()) {
      const until = changes[held + 1] ?? at(103);
      for (let got = heldSince; got < until; got += 50) {
        const date = new Date(lastModifiedMs(heldSince, got)).toUTCString();
        for (const later of changes.slice(held + 1)) {
          for (let now = later; now < at(104); now += 50) {
            expect(isUnmodified(date, later, now)).toBe(false);
          }
        }
      }
    }
  });

  test('only the exact date proves anything', () => {
    expect(isUnmodified(text(100), at(100.2), at(101))).toBe(true);
    expect(isUnmodified(text(101), at(100.2), at(101))).toBe(false);
    expect(isUnmodified('yesterday', at(100.2), at(101))).toBe(false);
  });
});
