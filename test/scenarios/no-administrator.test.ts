/** A tracker without rights: it says so, and part of the rooms never passes for all of them. */
import { expect, test } from '@jest/globals';
import { createMemoryRoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
} from '@conference/service-runtime';
import { startTracker, trackerSettings } from '@conference/tracker';
import { startProsody } from '../servers/prosody.js';
import { eventually } from '../support/eventually.js';

test.each([
  ['of the MUC service', 'conference.localhost', 'is no administrator of conference.localhost'],
  ['and the address is no MUC service', 'localhost', 'localhost is no MUC service'],
])(
  'no administrator %s',
  async (_what, mucService, sentence) => {
    const prosody = await startProsody({ extraMucConfig: 'admins = { "somebody.else" }' });
    const store = createMemoryRoomStore(mucService);
    const tracker = await startTracker({
      settings: readSettings(trackerSettings, {
        XMPP_COMPONENT_PORT: String(prosody.ports.component),
        XMPP_COMPONENT_SECRET: prosody.componentSecret,
        MUC_SERVICES: mucService,
        TRACKER_FEED: 'join',
      }),
      stores: [store],
      logger: createSilentLogger(),
      registry: createMetricsRegistry(),
    });
    try {
      await eventually(
        () => tracker.readiness().map(({ reason }) => reason ?? ''),
        (reasons) => reasons.some((reason) => reason.includes(sentence)),
        { what: 'readiness to say why' },
      );
      expect((await store.readSnapshot()).picture.state).toBe('loading');
    } finally {
      await tracker.stop();
      await prosody.stop();
    }
  },
  60_000,
);
