import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { setting, settingText } from '@conference/service-runtime';
import { listSettingGroups, type SettingGroup } from './setting-groups.js';
import {
  renderEnvironmentExample,
  renderSettingsTables,
  replaceSettingsTables,
} from './settings-documents.js';

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const groups: SettingGroup[] = [
  {
    title: 'Group',
    settings: [
      setting('PORT', settingText.port(), 'Where; one|two.', { defaultText: '80' }),
      setting('PROXIES', settingText.string(), 'Who.', { defaultText: '' }),
      setting('SECRET', settingText.string(), 'What.', { isSecret: true }),
    ],
  },
];

describe('the settings in the documents', () => {
  test('docs/configuration.md is up to date: npm run docs', () => {
    const document = read('docs/configuration.md');
    expect(document).toBe(replaceSettingsTables(document, listSettingGroups()));
  });

  test('.env.example is up to date: npm run docs', () => {
    expect(read('.env.example')).toBe(renderEnvironmentExample(listSettingGroups()));
  });

  test('every variable is declared once', () => {
    const variables = listSettingGroups().flatMap(({ settings }) =>
      settings.map(({ variable }) => variable),
    );
    expect(variables).toContain('REDIS_URL');
    expect(variables).toEqual([...new Set(variables)]);
  });

  test('a table shows the default, that there is none, and that one must be given', () => {
    const table = renderSettingsTables(groups);
    expect(table).toContain('| `PORT` | `80` | Where; one\\|two. |\n');
    expect(table).toContain('| `PROXIES` | none | Who. |\n');
    expect(table).toContain('| `SECRET` | **must be set** | What. |\n');
  });

  test('in the example only what must be set is no comment', () => {
    const lines = renderEnvironmentExample(groups).split('\n');
    expect(lines).toContain('# PORT=80');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual(['SECRET=']);
  });

  test('a document keeps what is written by hand, and must have a place for the settings', () => {
    const document = read('docs/configuration.md');
    const changed = replaceSettingsTables(document, groups);
    expect(changed.startsWith(document.slice(0, 100))).toBe(true);
    expect(changed.endsWith(document.slice(-100))).toBe(true);
    expect(changed).toContain('`PROXIES`');
    expect(changed).not.toContain('`REDIS_URL` |');
    expect(() => replaceSettingsTables('no place', groups)).toThrow('no lines');
  });
});
