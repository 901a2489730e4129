import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Announcement } from './announcement.js';
import { publishAnnouncement } from './announcement-file.js';

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
    accounts: [],
  },
  mucService: 'conference.localhost',
};

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "conference's announcement-"));
  file = join(dir, 'up.json');
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('it is there whole, for its owner only, until it is withdrawn', async () => {
  const published = publishAnnouncement(file, ANNOUNCEMENT);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ANNOUNCEMENT);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await published.withdraw();
  expect(existsSync(file)).toBe(false);
  await published.withdraw();
});

test('the one of a later run stays', async () => {
  const first = publishAnnouncement(file, ANNOUNCEMENT);
  const second = publishAnnouncement(file, { ...ANNOUNCEMENT, siteId: 'second' });
  await first.withdraw();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ siteId: 'second' });
  await second.withdraw();
  expect(existsSync(file)).toBe(false);
});
