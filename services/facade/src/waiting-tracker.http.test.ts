import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, jsonOf, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

describe('over a tracker that has not got the right to write', () => {
  test('readiness says why, and its metrics are shown', async () => {
    const { url, stores } = await start({ hasReported: false, picture: { state: 'loading' } });
    const reason = 'the server refuses the secret';
    await stores[0]?.reportWaiting({
      dependencies: [{ name: 'XMPP server', isReady: false, reason }],
      metrics: 'conference_tracker_x 7\n',
    });
    const errors = async (): Promise<unknown> =>
      (jsonOf(await ask(`${url}/readyz`)) as { error: unknown }).error;
    await waitUntil('the reason', async () => JSON.stringify(await errors()).includes(reason));
    expect(await errors()).toEqual([
      {
        code: 'not-ready',
        message: 'it runs, but has not got the right to write yet, or has lost it',
        field: 'tracker conference.test',
      },
      {
        code: 'not-ready',
        message: 'the rooms have not all been read yet',
        field: 'picture conference.test',
      },
      { code: 'not-ready', message: reason, field: 'tracker: XMPP server' },
    ]);
    expect((await ask(`${url}/metrics`)).bytes.includes('conference_tracker_x 7')).toBe(true);
  });
});
