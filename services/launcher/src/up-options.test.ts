import { expect, test } from '@jest/globals';
import { readUpOptions, upHelp } from './up-options.js';

test('the defaults need no setting', () => {
  expect(readUpOptions([], {})).toMatchObject({
    store: 'redis',
    server: 'prosody',
    feed: 'feed',
    ports: { http: 8080, c2s: 5222, component: 5347, websocket: 5280, redis: 6380 },
  });
});

test('an option wins over its variable, an empty variable is unset', () => {
  const environment = {
    CONFERENCE_HTTP_PORT: '81',
    CONFERENCE_C2S_PORT: '82',
    CONFERENCE_STORE: '',
    CONFERENCE_FEED: 'join',
  };
  expect(readUpOptions(['--http-port', '91', '--store=memory'], environment)).toMatchObject({
    store: 'memory',
    feed: 'join',
    ports: { http: 91, c2s: 82 },
  });
});

test('all problems come in one message, each with both names of the setting', () => {
  expect(() =>
    readUpOptions(['--store=disk', '--server=openfire', '--feed=both', '--c2s-port=0'], {
      CONFERENCE_HTTP_PORT: '65536',
    }),
  ).toThrow(
    [
      '--store (CONFERENCE_STORE) is "disk", but must be "redis" or "memory"',
      '--server (CONFERENCE_SERVER) is "openfire", but must be "prosody" or "ejabberd"',
      '--feed (CONFERENCE_FEED) is "both", but must be "feed" or "join"',
      '--http-port (CONFERENCE_HTTP_PORT) is "65536", but must be a port from 1 to 65535',
      '--c2s-port (CONFERENCE_C2S_PORT) is "0", but must be a port from 1 to 65535',
    ].join('\n'),
  );
});

test('ejabberd has no feed, and so its rooms are joined', () => {
  expect(readUpOptions(['--server=ejabberd'], {})).toMatchObject({ feed: 'join' });
  expect(() => readUpOptions(['--server=ejabberd'], { CONFERENCE_FEED: 'feed' })).toThrow(
    '--feed (CONFERENCE_FEED) is "feed", which only Prosody can: ejabberd needs "join"',
  );
});

test('one port for two things is refused, unless one of them is a Redis that is not run', () => {
  expect(() => readUpOptions(['--redis-port=8080'], {})).toThrow(
    '--redis-port (CONFERENCE_REDIS_PORT) and --http-port (CONFERENCE_HTTP_PORT) are both 8080',
  );
  expect(readUpOptions(['--redis-port=8080', '--store=memory'], {})).not.toBe('help');
});

test('unknown options are refused, help lists the known ones', () => {
  expect(() => readUpOptions(['--prot=1'], {})).toThrow(/--prot.*--help/);
  expect(() => readUpOptions(['memory'], {})).toThrow(/memory/);
  expect(readUpOptions(['--help'], {})).toBe('help');
  expect(upHelp()).toContain('dates of rooms are forgotten');
  expect(upHelp()).toContain('--websocket-port  CONFERENCE_WEBSOCKET_PORT');
});
