import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '@conference/muc';
import { describe, expect, test } from '@jest/globals';
import { REST_ERRORS, REST_ERROR_CODES } from './rest-error.js';

const document = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** The table rows under a heading, each as its cells. */
function tableUnder(heading: string): string[][] {
  const [, after = ''] = document.split(`## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

describe('docs/errors.md', () => {
  test('lists exactly the codes of the REST API, each with its status and sentence', () => {
    expect(tableUnder('Codes of the REST API').map((cells) => cells.slice(0, 3))).toEqual(
      REST_ERROR_CODES.map((code) => [
        `\`${code}\``,
        String(REST_ERRORS[code].status),
        REST_ERRORS[code].message,
      ]),
    );
  });

  test('lists exactly the codes that appear in logs', () => {
    expect(tableUnder('Codes in the logs').map(([code]) => code)).toEqual(
      ERROR_CODES.map((code) => `\`${code}\``),
    );
  });
});
