import { expect, test } from '@jest/globals';
import { readSettings } from './settings.js';
import { sharedSettings } from './shared-settings.js';

test('MUC services are taken as they are named', () => {
  expect(readSettings(sharedSettings, { MUC_SERVICES: 'b.test, A.test' }).mucServices).toEqual([
    'b.test',
    'A.test',
  ]);
});

test.each(['a.test,a.test', 'a.test,b.test,A.Test', 'stra\u00dfe.test,STRASSE.test'])(
  'a MUC service that is named twice is refused: %s',
  (text) => {
    expect(() => readSettings(sharedSettings, { MUC_SERVICES: text })).toThrow(
      /^MUC_SERVICES.*must name each service once/,
    );
  },
);

test.each(['room@a.test', 'a.test/nick', 'a.test b.test', 'a.test,b\u0001.test'])(
  'what is no MUC service is refused: %j',
  (text) => {
    expect(() => readSettings(sharedSettings, { MUC_SERVICES: text })).toThrow(
      /^MUC_SERVICES.*must name domains/,
    );
  },
);
