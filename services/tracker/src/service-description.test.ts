import { afterEach, describe, expect, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import type { ServerSoftware } from '@conference/muc';
import { createSilentLogger } from '@conference/service-runtime';
import { eventually } from '../../../test/support/eventually.js';
import { ServiceDescription } from './service-description.js';

const PROSODY = { name: 'Prosody', version: '0.12.3' };

let description: ServiceDescription;

afterEach(() => description.onOffline());

/** A description whose question for the software is answered by the test. */
function create(findSoftware: () => Promise<ServerSoftware | undefined>): ServiceDescription {
  // A random of 0 makes every pause as short as it gets.
  description = new ServiceDescription({
    findSoftware,
    logger: createSilentLogger(),
    random: () => 0,
  });
  return description;
}

const softwareOf = (): ServerSoftware | undefined => description.describe('join', false)?.software;

/** Waits until the software is known, and says so. */
const learnt = (expected: ServerSoftware): Promise<unknown> =>
  eventually(softwareOf, (software) => software === expected, { what: 'the software' });

describe('the description of a service', () => {
  test('is there once it is decided how the service is followed, and stays', () => {
    create(() => Promise.resolve(undefined));
    expect(description.describe(undefined, false)).toBeUndefined();
    expect(description.describe('feed', false)).toMatchObject({ following: 'fed' });
    expect(description.describe(undefined, false)).toMatchObject({ following: 'fed' });
    expect(description.describe('join', false)).toMatchObject({ following: 'joined' });
    expect(description.describe('join', false)).not.toHaveProperty('software');
  });

  test('knows the maximum of users from the server as soon as one room tells it', () => {
    create(() => Promise.resolve(undefined));
    expect(description.describe('join', false)?.fields.maxUsers).toBe('unknown');
    expect(description.describe('join', true)?.fields.maxUsers).toBe('server');
  });

  test('learns the software though the first question fails', async () => {
    let questions = 0;
    create(() => {
      questions += 1;
      return questions === 1
        ? Promise.reject(new ConferenceError('timeout', 'silence'))
        : Promise.resolve(PROSODY);
    });
    description.onOnline();
    await learnt(PROSODY);
    expect(questions).toBe(2);
  });

  test('asks anew with each connection, and keeps what it knew until it is told', async () => {
    const newer = { name: 'Prosody', version: '13.0.0' };
    const answers = [Promise.resolve(PROSODY), new Promise<typeof newer>(() => undefined)];
    create(() => answers.shift() ?? Promise.resolve(newer));
    description.onOnline();
    await learnt(PROSODY);
    description.onOffline();
    description.onOnline();
    expect(softwareOf()).toBe(PROSODY);
    description.onOnline();
    await learnt(newer);
  });

  test('takes no answer of an earlier connection', async () => {
    let answerFirst: (software: ServerSoftware) => void = () => undefined;
    const first = new Promise<ServerSoftware>((resolve) => (answerFirst = resolve));
    const answers = [first, Promise.resolve(PROSODY)];
    create(() => answers.shift() ?? Promise.resolve(undefined));
    description.onOnline();
    description.onOnline();
    await learnt(PROSODY);
    answerFirst({ name: 'Another' });
    await first;
    expect(softwareOf()).toBe(PROSODY);
  });
});
