import { describe, expect, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import { readSettings, setting, settingText } from './settings.js';
import type { SettingDeclarations } from './settings.js';

const declarations = {
  host: setting('HOST', settingText.string(), 'Where it is.', { defaultText: '127.0.0.1' }),
  port: setting('PORT', settingText.port(), 'Its port.', { defaultText: '5347' }),
  secret: setting('SECRET', settingText.port(), 'Its secret.', { isSecret: true }),
  services: setting('SERVICES', settingText.list(), 'The services.', { defaultText: 'a,b' }),
  level: setting('LEVEL', settingText.oneOf(['low', 'high']), 'How much.', { defaultText: 'low' }),
} as const;

function failureOf(
  given: SettingDeclarations,
  environment: Record<string, string | undefined>,
): ConferenceError {
  try {
    readSettings(given, environment);
  } catch (error) {
    if (error instanceof ConferenceError) return error;
    throw error;
  }
  throw new Error('these settings were accepted');
}

test('what is not set has its default, and all of it is frozen', () => {
  const settings = readSettings(declarations, { SECRET: '1', PORT: '', HOST: undefined });
  expect(settings).toEqual({
    host: '127.0.0.1',
    port: 5347,
    secret: 1,
    services: ['a', 'b'],
    level: 'low',
  });
  expect(Object.isFrozen(settings)).toBe(true);
});

test('what is set wins over the default', () => {
  const settings = readSettings(declarations, {
    HOST: 'chat.example',
    PORT: '0',
    SECRET: '1',
    SERVICES: ' one.example , ,two.example,',
    LEVEL: 'high',
  });
  expect(settings).toMatchObject({
    host: 'chat.example',
    port: 0,
    services: ['one.example', 'two.example'],
    level: 'high',
  });
});

describe('a configuration that is wrong', () => {
  test('fails once, with every problem on a line of its own that begins with the variable', () => {
    const error = failureOf(declarations, { PORT: '70000', SERVICES: ' , ', LEVEL: 'loud' });
    expect(error.code).toBe('configuration-invalid');
    expect(error.isRetryable).toBe(false);
    const lines = error.message.split('\n');
    expect(lines.map((line) => line.split(/[ :]/)[0])).toEqual([
      'PORT',
      'SECRET',
      'SERVICES',
      'LEVEL',
    ]);
    expect(lines[0]).toBe('PORT (it is "70000"): must be at most 65535');
    expect(lines[3]).toBe('LEVEL (it is "loud"): must be low or high');
    expect(lines[1]).toBe('SECRET is not set (Its secret.)');
  });

  test('never shows a secret, nor what is wrong about it in its own words', () => {
    const error = failureOf(declarations, { SECRET: 'hunter2' });
    expect(error.message).toContain('SECRET');
    expect(error.message).not.toContain('hunter2');
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect(error.cause).toBeUndefined();
  });

  test('says the same of a number that is too large for any number', () => {
    const { message } = failureOf(declarations, { SECRET: '1', PORT: '9'.repeat(400) });
    expect(message).toBe(`PORT (it is "${'9'.repeat(80)}…"): must be at most 65535`);
    const { message: least } = failureOf(declarations, {
      SECRET: '1',
      PORT: `-${'9'.repeat(400)}`,
    });
    expect(least).toMatch(/: must be at least 0$/);
  });

  test('shows the beginning of a value that is long', () => {
    const { message } = failureOf(declarations, { SECRET: '1', LEVEL: 'x'.repeat(100_000) });
    expect(message).toBe(`LEVEL (it is "${'x'.repeat(80)}…"): must be low or high`);
  });
});

describe('the schemas', () => {
  const accepts = (schema: { safeParse(text: string): { success: boolean } }, text: string) =>
    schema.safeParse(text).success;

  test.each(['0', '65535', '080'])('%s is a port', (text) => {
    expect(accepts(settingText.port(), text)).toBe(true);
  });

  test.each(['-1', '65536', '1.5', '1e3', '0x10', ' 1', '１', '', 'http'])(
    '%p is no port',
    (text) => {
      expect(accepts(settingText.port(), text)).toBe(false);
    },
  );

  test.each([
    ['0', 0, 10, true],
    ['-3', -3, 10, true],
    ['11', 0, 10, false],
    ['99999999999999999999', 0, 10, false],
    ['9'.repeat(400), 0, 10, false],
  ])('%s between %d and %d: %p', (text, minimum, maximum, isIn) => {
    expect(accepts(settingText.integer(minimum, maximum), text)).toBe(isIn);
  });

  test('true and false are said in words', () => {
    expect(settingText.boolean().parse('true')).toBe(true);
    expect(settingText.boolean().parse('false')).toBe(false);
    expect(accepts(settingText.boolean(), '1')).toBe(false);
  });

  test('milliseconds reach to a day', () => {
    expect(accepts(settingText.milliseconds(), '86400000')).toBe(true);
    expect(accepts(settingText.milliseconds(), '86400001')).toBe(false);
    expect(accepts(settingText.milliseconds(5), '4')).toBe(false);
  });

  test.each([
    'conference.example.org',
    'MUC_1.localhost',
    'bücher.example',
    'paral·lel.example',
    'ル・モンド.example',
    '[fe80::1%eth0]',
    '10.0.0.1',
    'example.org.',
  ])('%s is a domain', (text) => {
    expect(accepts(settingText.domain(), text)).toBe(true);
  });

  test.each([
    '',
    ' ',
    'a b',
    'a@b.example',
    'a.example/b',
    'a.example,b',
    'a<b',
    'a\u0001',
    'x'.repeat(1024),
    '.',
    '..',
    '.example',
    'a..example',
    '\u00ad',
  ])('%j is no domain', (text) => {
    expect(accepts(settingText.domain(), text)).toBe(false);
  });

  test.each([' ', '\t', 'a\u0000b', 'a\nb'])('%j is no text', (text) => {
    expect(accepts(settingText.string(), text)).toBe(false);
  });
});
