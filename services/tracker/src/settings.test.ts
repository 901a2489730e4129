import { expect, test } from '@jest/globals';
import { readSettings } from '@conference/service-runtime';
import { trackerSettings } from './settings.js';

const read = (environment: Record<string, string>) => () =>
  readSettings(trackerSettings, { XMPP_COMPONENT_SECRET: 'secret', ...environment });

test.each([
  ['XMPP_COMPONENT_PORT', '0'],
  ['XMPP_COMPONENT_DOMAIN', 'user@tracker.test'],
  ['XMPP_COMPONENT_DOMAIN', ' '],
  ['XMPP_COMPONENT_HOST', ' '],
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
