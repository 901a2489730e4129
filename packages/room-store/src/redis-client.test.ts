import { expect, test } from '@jest/globals';
import { createRedisClient } from './redis-client.js';

function problemOf(redisUrl: string, isCluster: boolean): unknown {
  try {
    createRedisClient({ redisUrl, isCluster }, 100, false).disconnect();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('several addresses are those of a cluster and of nothing else', () => {
  const several = 'redis://127.0.0.1:1,redis://127.0.0.1:2';
  expect(problemOf(several, false)).toMatchObject({ code: 'configuration-invalid' });
  expect(problemOf(several, true)).toBeUndefined();
  expect(problemOf('redis://:a,b@127.0.0.1:1', false)).toBeUndefined();
});

test('a cluster has one database', () => {
  expect(problemOf('redis://127.0.0.1:1/0', true)).toBeUndefined();
  expect(problemOf('redis://127.0.0.1:1/2', true)).toMatchObject({
    code: 'configuration-invalid',
  });
});
