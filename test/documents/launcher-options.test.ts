/** docs/configuration.md against the help of `npm run up`. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { upHelp } from '../../services/launcher/src/up-options.js';

test('docs/configuration.md shows the help of the launcher as it is', () => {
  const document = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const [, shown] = /\$ npm run up -- --help\n([\s\S]*?)```/.exec(document) ?? [];
  expect(shown?.trimEnd()).toBe(upHelp().trimEnd());
});
