import { expect, test } from '@jest/globals';
import { readSettings } from '@conference/service-runtime';
import { checkTrackerSettings, trackerSettings } from './settings.js';

const read = (environment: Record<string, string>) => () =>
  readSettings(trackerSettings, { XMPP_COMPONENT_SECRET: 'secret', ...environment });

test.each([
  ['XMPP_COMPONENT_PORT', '0'],
  ['XMPP_COMPONENT_DOMAIN', 'user@tracker.test'],
  ['XMPP_COMPONENT_DOMAIN', ' '],
  ['XMPP_COMPONENT_HOST', ' '],
  ...['http://x', 'x/y', 'a b', 'x:5347', '[::1]', 'user@x', '..', 'x?y'].map((text) => [
    'XMPP_COMPONENT_HOST',
    text,
  ]),
  ['XMPP_COMPONENT_DOMAIN', '..'],
  ...['\u200b', '\u00ad\u2060', '\u3164', '\u2800', '\u00a0', '\ufeff'].map((text) => [
    'TRACKER_NICK',
    text,
  ]),
  ['TRACKER_NICK', 'a\tb'],
  ['TRACKER_NICK', 'ü'.repeat(501)],
])('%s cannot be %j', (variable, text) => {
  expect(read({ [variable]: text })).toThrow(new RegExp(`^${variable} .*: (must|is) `));
});

test('every setting that is wrong is named, and no secret shown', () => {
  const wrong = read({
    XMPP_COMPONENT_SECRET: 'hush\u0007',
    XMPP_COMPONENT_DOMAIN: 'a/b',
    MUC_SERVICES: 'a@b',
  });
  expect(wrong).toThrow(
    /^MUC_SERVICES .*\nXMPP_COMPONENT_DOMAIN .*\nXMPP_COMPONENT_SECRET: must be printable ASCII$/,
  );
  expect(wrong).not.toThrow('hush');
});

test.each(['localhost', 'xmpp_1.example', '10.0.0.1', '::1', 'fe80::1%eth0', 'bücher.example'])(
  'the server may be on %s',
  (text) => {
    expect(read({ XMPP_COMPONENT_HOST: text })().componentHost).toBe(text);
  },
);

test('a secret that is blank is none', () => {
  expect(read({ XMPP_COMPONENT_SECRET: '  ' })).toThrow(
    /^XMPP_COMPONENT_SECRET: must not be blank$/,
  );
});

test('the component is none of the services that it follows', () => {
  const same = read({
    XMPP_COMPONENT_DOMAIN: 'MUC.example',
    MUC_SERVICES: 'a.example,muc.Example',
  })();
  expect(() => checkTrackerSettings(same)).toThrow(
    /^XMPP_COMPONENT_DOMAIN \(it is "MUC.example"\): must be none of MUC_SERVICES$/,
  );
  expect(() => checkTrackerSettings({ ...same, componentDomain: 'b.example' })).not.toThrow();
});
