/** The tracker's settings. */
import { ConferenceError, isDomain, normaliseJidPart } from '@conference/muc';
import { setting, settingText, sharedSettings } from '@conference/service-runtime';
import type { SettingsOf } from '@conference/service-runtime';
import { isIP } from 'node:net';
import { z } from 'zod';

/** A resource has at most 1,023 (RFC 7622, 3.4); a number may come behind. */
const LONGEST_NICK_BYTES = 1000;

/** As it is given to `connect`: a name, or an address without brackets. */
function isHost(text: string): boolean {
  return isIP(text) !== 0 || (isDomain(text) && !/[:?#%[\]\\]/.test(text));
}

/** Something of a text can be seen. U+2800 is a letter of Braille without dots. */
const SEEN = /[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

export const trackerSettings = {
  ...sharedSettings,
  componentHost: setting(
    'XMPP_COMPONENT_HOST',
    settingText.string().refine(isHost, 'must be a host name or an address, and nothing else'),
    "Host name or address of the XMPP server's component port (XEP-0114).",
    { defaultText: '127.0.0.1' },
  ),
  componentPort: setting(
    'XMPP_COMPONENT_PORT',
    settingText.port(1),
    "The XMPP server's component port.",
    { defaultText: '5347' },
  ),
  componentDomain: setting(
    'XMPP_COMPONENT_DOMAIN',
    settingText.domain(),
    'Domain that the server gives to this component; it must be an admin of the MUC services.',
    { defaultText: 'tracker.localhost' },
  ),
  componentSecret: setting(
    'XMPP_COMPONENT_SECRET',
    z
      .string()
      .regex(/\S/, 'must not be blank')
      .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII'),
    'Secret that the server expects of this component; printable ASCII.',
    { isSecret: true },
  ),
  feed: setting(
    'TRACKER_FEED',
    settingText.oneOf(['auto', 'feed', 'join']),
    'How rooms are followed: `feed` by a module in the MUC server, `join` by being in them, `auto` by the feed where the server announces it.',
    { defaultText: 'auto' },
  ),
  nick: setting(
    'TRACKER_NICK',
    settingText
      .string()
      .regex(SEEN, 'must hold a character that can be seen')
      .refine((nick) => Buffer.byteLength(nick) <= LONGEST_NICK_BYTES, 'is too long for a nick'),
    'Nick that the tracker takes in rooms; with a number behind it where somebody else has it.',
    { defaultText: 'conference-tracker' },
  ),
  discoveryIntervalMs: setting(
    'DISCOVERY_INTERVAL_MS',
    settingText.milliseconds(50),
    'Pause between two looks for new and vanished rooms, in ms; lengthens by itself so that looking takes at most a tenth of the time.',
    { defaultText: '1000' },
  ),
  auditIntervalMs: setting(
    'AUDIT_INTERVAL_MS',
    settingText.milliseconds(),
    'Pause before each room that is read again to see whether what is known of it is right, in ms; one question at a time, and none while others wait. 0: never.',
    { defaultText: '1000' },
  ),
  parallelRequests: setting(
    'TRACKER_PARALLEL_REQUESTS',
    settingText.integer(1, 1000),
    'How many requests to the XMPP server may wait for their answers at a time.',
    { defaultText: '64' },
  ),
  requestTimeoutMs: setting(
    'TRACKER_REQUEST_TIMEOUT_MS',
    settingText.milliseconds(100),
    'How long the XMPP server may take for one answer, in ms.',
    { defaultText: '10000' },
  ),
  leaseMs: setting(
    'TRACKER_LEASE_MS',
    settingText.milliseconds(500, 60_000),
    'How long a tracker that is not heard of still counts as the one that follows a service, in ms; then another one takes over.',
    { defaultText: '3000' },
  ),
  publishDelayMs: setting(
    'PUBLISH_DELAY_MS',
    settingText.milliseconds(0, 40),
    'How long events are gathered into one write, in ms.',
    { defaultText: '1' },
  ),
} as const;

export type TrackerSettings = SettingsOf<typeof trackerSettings>;

/**
 * Refuses settings that are right each by itself and cannot work together.
 * Fails with `configuration-invalid`.
 */
export function checkTrackerSettings({ componentDomain, mucServices }: TrackerSettings): void {
  const domain = normaliseJidPart(componentDomain);
  if (mucServices.some((mucService) => normaliseJidPart(mucService) === domain)) {
    throw new ConferenceError(
      'configuration-invalid',
      `XMPP_COMPONENT_DOMAIN (it is "${componentDomain}"): must be none of MUC_SERVICES`,
    );
  }
}
