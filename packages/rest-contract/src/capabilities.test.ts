import { ROOM_ROW_KEYS, type FieldSources, type ServiceCapabilities } from '@conference/muc';
import { describe, expect, test } from '@jest/globals';
import {
  capabilitiesAnswerSchema,
  serialiseCapabilities,
  type DescribedService,
} from './capabilities.js';

const fields = Object.fromEntries(
  [...ROOM_ROW_KEYS].reverse().map((key) => [key, 'server']),
) as FieldSources;

const describeService = (
  mucService: string,
  change: Partial<ServiceCapabilities> = {},
): DescribedService => ({
  mucService,
  capabilities: { fields, following: 'joined', ...change },
  followedSince: '2026-01-02T03:04:05.678Z',
});

describe('capabilities as JSON', () => {
  test('have their keys in one order, and the fields in that of the documented row', () => {
    const text = serialiseCapabilities([
      describeService('a.test', { software: { version: '0.12.3', name: 'Prosody' } }),
    ]);
    expect(text).toBe(
      '{"result":"Success","resultCode":200,"message":"","error":[],"data":{"services":[{' +
        '"mucService":"a.test","software":{"name":"Prosody","version":"0.12.3"},' +
        '"following":"joined","followedSince":"2026-01-02T03:04:05.678Z","fields":{' +
        '"roomId":"server","name":"server","admins":"server","creationDate":"server",' +
        '"description":"server","maxUsers":"server","members":"server","moderators":"server",' +
        '"modificationDate":"server","occupants":"server","outcasts":"server","owners":"server",' +
        '"participants":"server","subject":"server","emptyDate":"server"}}]}}',
    );
    expect(capabilitiesAnswerSchema.safeParse(JSON.parse(text)).error).toBeUndefined();
  });

  test('leave out what is not known', () => {
    const text = serialiseCapabilities([
      { ...describeService('a.test'), followedSince: undefined },
      describeService('b.test', { software: { name: 'ejabberd' } }),
    ]);
    const { services } = capabilitiesAnswerSchema.parse(JSON.parse(text)).data;
    expect(services[0]).not.toHaveProperty('software');
    expect(services[0]).not.toHaveProperty('followedSince');
    expect(services[1]?.software).toEqual({ name: 'ejabberd' });
  });

  test('are the same in whatever order the services come', () => {
    const [a, b] = [describeService('a.test'), describeService('B.test')];
    expect(serialiseCapabilities([a, b])).toBe(serialiseCapabilities([b, a]));
  });

  test('tell the source of every documented field, and of nothing else', () => {
    const answer: unknown = JSON.parse(serialiseCapabilities([describeService('a.test')]));
    const withField = (change: (fields: Record<string, unknown>) => void): unknown => {
      const copy = structuredClone(answer) as {
        data: { services: { fields: Record<string, unknown> }[] };
      };
      for (const service of copy.data.services) change(service.fields);
      return copy;
    };
    const isValid = (value: unknown): boolean => capabilitiesAnswerSchema.safeParse(value).success;
    expect(isValid(withField(() => undefined))).toBe(true);
    expect(isValid(withField((each) => delete each['emptyDate']))).toBe(false);
    expect(isValid(withField((each) => (each['visitors'] = 'server')))).toBe(false);
    expect(isValid(withField((each) => (each['subject'] = 'guessed')))).toBe(false);
  });
});
