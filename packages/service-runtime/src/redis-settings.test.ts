import { describe, expect, test } from '@jest/globals';
import { redisSettings } from './redis-settings.js';
import { readSettings } from './settings.js';

const read = (environment: Record<string, string>) => () =>
  readSettings(redisSettings, environment);

test('Redis is on this machine unless somebody says otherwise', () => {
  expect(readSettings(redisSettings, {})).toEqual({
    redisUrl: 'redis://127.0.0.1:6379',
    isRedisCluster: false,
    redisKeyPrefix: 'conference',
  });
});

describe('the URL of Redis', () => {
  test.each([
    'redis://h',
    'rediss://u:p@h:1/2',
    'redis://h:1/',
    'redis:',
    'redis://h:1,rediss://i:2',
    'redis://u:a,b@h',
    'redis://:50%25@h',
  ])('may be %s', (text) => {
    expect(read({ REDIS_URL: text })().redisUrl).toBe(text);
  });

  test('of several nodes may have blanks around it, as the entries of other lists', () => {
    const text = ' redis://h:1 , redis://i:2,\trediss://u:a,b@j:3 ';
    expect(read({ REDIS_URL: text })().redisUrl).toBe('redis://h:1,redis://i:2,rediss://u:a,b@j:3');
  });

  test.each([
    ['http://h'],
    ['h:6379'],
    ['redis://h:1,http://i'],
    ['redis://h:1,i:2'],
    ['redis://h:70000'],
    ['redis://h/name'],
    ['redis://h/-1'],
    ['redis://h:1/0,redis://i:1/x'],
    ['redis://:50%@h'],
    ['redis://:50%ff@h'],
  ])('may not be %s', (text) => {
    expect(read({ REDIS_URL: text })).toThrow(
      /^REDIS_URL: must be a URL beginning with redis:\/\/ or rediss:/,
    );
  });

  test.each([
    'redis://h:1?keyPrefix=x',
    'redis://h:1/0?db=3',
    'redis://h?',
    'redis://h:1#x',
    'redis://h:1,redis://i:2?db=3',
  ])('may not be %s, of which the client would make options', (text) => {
    expect(read({ REDIS_URL: text })).toThrow(
      /^REDIS_URL: must have no \? and no #, .*REDIS_KEY_PREFIX[^\n]*$/,
    );
  });

  test('holds no control characters, which would be dropped without a word', () => {
    const environment = { REDIS_URL: 'redis://:hun\tter2@h' };
    expect(read(environment)).toThrow(/^REDIS_URL: must hold no control characters$/);
  });

  test('is not shown where it is wrong, for the password in it', () => {
    const environment = { REDIS_URL: 'http://user:hunter2@redis:6379' };
    expect(read(environment)).toThrow(/^REDIS_URL: /);
    expect(read(environment)).not.toThrow('hunter2');
  });
});

test('the prefix of keys has no braces, which would break the hash tag', () => {
  expect(read({ REDIS_KEY_PREFIX: 'a{b}' })).toThrow(/^REDIS_KEY_PREFIX .*: must hold no braces$/);
});
