import { expect, test } from '@jest/globals';
import { type Announcement, describeAnnouncement } from './announcement.js';

const ANNOUNCEMENT: Announcement = {
  http: 'http://127.0.0.1:8080',
  siteId: 'demo',
  apiKey: 'key',
  xmpp: {
    host: '127.0.0.1',
    port: 5222,
    domain: 'localhost',
    anonymousDomain: 'anon.localhost',
    websocket: 'ws://127.0.0.1:5280/xmpp-websocket',
    accounts: [{ jid: 'alice@localhost', password: 'password-of-alice' }],
  },
  mucService: 'conference.localhost',
};

function curlLines(environment: Record<string, string>): string[] {
  return describeAnnouncement(ANNOUNCEMENT, '/somewhere/up.json', 'redis', environment)
    .split('\n')
    .filter((line) => line.startsWith('curl '));
}

test('everything that a chat client needs is said', () => {
  const text = describeAnnouncement(ANNOUNCEMENT, '/somewhere/up.json', 'redis', {});
  for (const fact of [
    '127.0.0.1 port 5222',
    'domain localhost',
    'ws://127.0.0.1:5280/xmpp-websocket',
    'alice@localhost',
    'password-of-alice',
    'anon.localhost',
    'conference.localhost',
    '/somewhere/up.json',
  ]) {
    expect(text).toContain(fact);
  }
});

test('one line can be pasted, also where curl would ask a proxy', () => {
  expect(curlLines({})).toEqual([
    "curl -sS -u 'demo:key' http://127.0.0.1:8080/v1/conference.json",
  ]);
  expect(curlLines({ http_proxy: 'http://proxy:3128' })).toEqual([
    "curl -sS --noproxy '*' -u 'demo:key' http://127.0.0.1:8080/v1/conference.json",
  ]);
});

test('the store that forgets dates says so, the other does not', () => {
  const textOf = (store: 'redis' | 'memory'): string =>
    describeAnnouncement(ANNOUNCEMENT, '/somewhere/up.json', store, {});
  expect(textOf('memory')).toContain('dates of rooms are forgotten');
  expect(textOf('redis')).not.toContain('forgotten');
});
