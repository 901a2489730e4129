import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generateApiKey, hashApiKey, matchesAnyHash } from './api-key.js';
import { parseBasicCredentials } from './basic-credentials.js';
import { basic } from './facade.fixture.js';
import { FailureLimiter, networkOf } from './failure-limiter.js';

describe('API keys', () => {
  test('are long, random, and safe in an address or a header', () => {
    const keys = Array.from({ length: 100 }, generateApiKey);
    expect(new Set(keys).size).toBe(100);
    expect(keys.every((key) => /^[\w-]{43}$/.test(key))).toBe(true);
  });

  test('hash differently at each site, and match only their own hash', () => {
    const [one, two] = [hashApiKey('a', 'key'), hashApiKey('b', 'key')];
    expect(one.equals(two)).toBe(false);
    expect(matchesAnyHash(hashApiKey('a', 'key'), [two, one])).toBe(true);
    expect(matchesAnyHash(hashApiKey('a', 'kez'), [two, one])).toBe(false);
    expect(matchesAnyHash(one, [])).toBe(false);
  });
});

describe('Basic credentials', () => {
  test('come back as they were sent, colons in the key included', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes(':')),
        fc.string({ unit: 'binary' }),
        (siteId, apiKey) => {
          const header = basic(siteId, apiKey);
          expect(parseBasicCredentials(header)).toEqual({ siteId, apiKey });
        },
      ),
    );
  });

  test.each([
    '',
    'Basic',
    'Basic ',
    'Basic =',
    'Basic a b',
    'Bearer YTpi',
    'Basic\tYTpi',
    'BasicYTpi',
  ])('%j is none', (header) => {
    expect(parseBasicCredentials(header)).toBeUndefined();
  });
});

describe('the failure limiter', () => {
  test('counts addresses apart, and says how long to wait', async () => {
    const limiter = new FailureLimiter({ failures: 1, windowMs: 60_000 });
    expect(await limiter.count('10.0.0.1')).toBeUndefined();
    expect(await limiter.count('10.0.0.2')).toBeUndefined();
    const waitSeconds = await limiter.count('10.0.0.1');
    expect(waitSeconds).toBeGreaterThan(0);
    expect(waitSeconds).toBeLessThanOrEqual(60);
  });

  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
