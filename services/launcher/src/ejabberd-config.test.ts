import { expect, test } from '@jest/globals';
import { buildEjabberdConfig, type EjabberdConfigOptions } from './ejabberd-config.js';

const OPTIONS: EjabberdConfigOptions = {
  interface: '127.0.0.1',
  ports: { c2s: 1, component: 2, websocket: 3 },
  domain: 'example.org',
  anonymousDomain: 'anon.example.org',
  mucService: 'rooms.example.org',
  trackerDomain: 'tracker.example.org',
  componentSecret: 'secret',
};

test('listens on the given address only, once for each port', () => {
  const config = buildEjabberdConfig(OPTIONS);
  expect(config.match(/ip: .*/g)).toEqual(Array(3).fill('ip: "127.0.0.1"'));
  expect(config.match(/port: .*/g)).toEqual(['port: 1', 'port: 2', 'port: 3']);
});

test('the tracker administers the MUC service, and nobody else unless named', () => {
  const config = buildEjabberdConfig(OPTIONS);
  expect(config).toContain('conference_tracker:\n    server:\n      - "tracker.example.org"');
  expect(config.match(/- allow: .*/g)).toEqual(['- allow: conference_tracker']);
  const named = buildEjabberdConfig({ ...OPTIONS, mucAdmins: ['judge@example.org'] });
  expect(named).toContain('conference_admins:\n    user:\n      - "judge@example.org"');
  expect(named).toContain('- allow: conference_admins');
});

test('no string can be left by what stands in it', () => {
  const config = buildEjabberdConfig({ ...OPTIONS, componentSecret: 'a"\nmodules: {}\n#\\' });
  expect(config).toContain('password: "a\\"\\nmodules: {}\\n#\\\\"\n');
});

test('nothing answers over HTTP but chat, unless asked for', () => {
  expect(buildEjabberdConfig(OPTIONS)).not.toMatch(/api|mod_muc_admin/);
  const config = buildEjabberdConfig({ ...OPTIONS, openCommands: ['get_room_occupants'] });
  expect(config).toContain('      /api: mod_http_api');
  expect(config).toContain('    what:\n      - get_room_occupants\n');
  expect(config).toContain('mod_muc_admin: {}');
});
