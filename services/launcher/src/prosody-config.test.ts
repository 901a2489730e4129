import { expect, test } from '@jest/globals';
import { buildProsodyConfig, luaString, type ProsodyConfigOptions } from './prosody-config.js';

const OPTIONS: ProsodyConfigOptions = {
  interfaces: ['127.0.0.1'],
  ports: { c2s: 1, component: 2, websocket: 3 },
  dataDir: '/data',
  domain: 'example.org',
  anonymousDomain: 'anon.example.org',
  mucService: 'rooms.example.org',
  trackerDomain: 'tracker.example.org',
  componentSecret: 'secret',
  isRoot: false,
};

test('the tracker is admin of the MUC service and of nothing else', () => {
  const config = buildProsodyConfig(OPTIONS);
  const [before = '', muc = ''] = config.split('Component "rooms.example.org" "muc"');
  expect(before).not.toContain('admins');
  expect(muc).toContain('admins = { "tracker.example.org" }');
});

test('it listens where it is told and nowhere else', () => {
  const config = buildProsodyConfig(OPTIONS);
  expect(config).toContain('interfaces = { "127.0.0.1" }');
  expect(config).toContain('c2s_ports = { 1 }');
  expect(config).toContain('component_ports = { 2 }');
  expect(config).toContain('http_ports = { 3 }');
  expect(config).toContain('https_ports = {}');
  expect(config).toMatch(/modules_disabled = \{ "s2s";/);
});

test('only root runs as root', () => {
  expect(buildProsodyConfig(OPTIONS)).toContain('run_as_root = false');
  expect(buildProsodyConfig({ ...OPTIONS, isRoot: true })).toContain('run_as_root = true');
});

test('a secret of the environment does not stand in the text', () => {
  const config = buildProsodyConfig({
    ...OPTIONS,
    componentSecret: { environmentVariable: 'XMPP_COMPONENT_SECRET' },
  });
  expect(config).toContain('component_secret = assert(os.getenv("XMPP_COMPONENT_SECRET")');
});

test('a Lua string cannot be left by what stands in it', () => {
  expect(luaString('a"; os.exit() --\\\n\0ü')).toBe(
    '"a\\034; os.exit() --\\092\\010\\000\\195\\188"',
  );
});

test('the feed is loaded on the MUC service, for the tracker, where its folder is named', () => {
  expect(buildProsodyConfig(OPTIONS)).not.toContain('feed');
  const config = buildProsodyConfig({ ...OPTIONS, feedModuleDir: '/modules' });
  const [before = '', muc = ''] = config.split('Component "rooms.example.org" "muc"');
  expect(before).toContain('plugin_paths = { "/modules" }');
  expect(before).not.toContain('conference_feed');
  expect(muc).toContain('modules_enabled = { "conference_feed" }');
  expect(muc).toContain('conference_feed_component = { "tracker.example.org" }');
});

test('extra lines end up in the MUC component', () => {
  const config = buildProsodyConfig({ ...OPTIONS, extraMucConfig: 'one = 1\ntwo = 2' });
  expect(config).toMatch(/"muc"[\s\S]*\n {2}one = 1\n {2}two = 2\n[\s\S]*Component "tracker/);
});
