/** Everything that can be set about the facade, but where its store is. */
import { setting, settingText, sharedSettings, type SettingsOf } from '@conference/service-runtime';
import { isIP } from 'node:net';
import { z } from 'zod';

/** `127.0.0.1`, `10.0.0.0/8`, `::1`, `fc00::/7`; may be none at all. */
const addressRanges = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine((ranges) => ranges.every(isAddressRange), 'must be addresses or ranges like 10.0.0.0/8');

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) {
    return false;
  }
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
}

export const facadeSettings = {
  ...sharedSettings,
  host: setting('FACADE_HOST', settingText.string(), 'Address that the REST API listens on.', {
    defaultText: '127.0.0.1',
  }),
  port: setting('FACADE_PORT', settingText.port(), 'Port of the REST API; 0 takes a free one.', {
    defaultText: '8080',
  }),
  sitesFile: setting(
    'SITES_FILE',
    settingText.string(),
    'File with the sites and their hashed keys; read again whenever it changes.',
    { defaultText: 'sites.json' },
  ),
  sitesPollMs: setting(
    'FACADE_SITES_POLL_MS',
    settingText.milliseconds(10, 60_000),
    'How often the file with the sites is looked at, in ms.',
    { defaultText: '500' },
  ),
  trustedProxies: setting(
    'FACADE_TRUSTED_PROXIES',
    addressRanges,
    'Proxies whose X-Forwarded-For is believed: addresses and ranges, comma-separated; none by default.',
    { defaultText: '' },
  ),
  authFailures: setting(
    'FACADE_AUTH_FAILURES',
    settingText.integer(1, 1_000_000),
    'How many wrong credentials one address may send within the window before it gets 429.',
    { defaultText: '10' },
  ),
  authFailureWindowMs: setting(
    'FACADE_AUTH_FAILURE_WINDOW_MS',
    settingText.milliseconds(1000),
    'The window in which wrong credentials are counted, in ms.',
    { defaultText: '60000' },
  ),
  headersTimeoutMs: setting(
    'FACADE_HEADERS_TIMEOUT_MS',
    settingText.milliseconds(100),
    'The longest that the head of a request may take to arrive, in ms.',
    { defaultText: '10000' },
  ),
  requestTimeoutMs: setting(
    'FACADE_REQUEST_TIMEOUT_MS',
    settingText.milliseconds(100),
    'The longest that a whole request may take to arrive, in ms; not less than for its head.',
    { defaultText: '15000' },
  ),
  keepAliveTimeoutMs: setting(
    'FACADE_KEEP_ALIVE_TIMEOUT_MS',
    settingText.milliseconds(100),
    'How long an idle connection is kept, in ms; longer than a proxy in front keeps its own.',
    { defaultText: '65000' },
  ),
  idleTimeoutMs: setting(
    'FACADE_IDLE_TIMEOUT_MS',
    settingText.milliseconds(100),
    'How long a connection in use may move no byte in either direction, in ms.',
    { defaultText: '30000' },
  ),
  answerTimeoutMs: setting(
    'FACADE_ANSWER_TIMEOUT_MS',
    settingText.milliseconds(100),
    'The longest that a client may take to read an answer, in ms; then the connection is closed.',
    { defaultText: '120000' },
  ),
  maxConnections: setting(
    'FACADE_MAX_CONNECTIONS',
    settingText.integer(1, 1_000_000),
    'Connections at one time; for one more, the one that has been idle for longest is closed.',
    { defaultText: '4096' },
  ),
  maxHeaderBytes: setting(
    'FACADE_MAX_HEADER_BYTES',
    settingText.integer(1024, 1_048_576),
    'The largest head of a request, its address included, in bytes.',
    { defaultText: '16384' },
  ),
  maxBodyBytes: setting(
    'FACADE_MAX_BODY_BYTES',
    settingText.integer(0, 16_777_216),
    'The largest body of a request, in bytes.',
    { defaultText: '16384' },
  ),
  maxLeftBehindBytes: setting(
    'FACADE_MAX_LEFT_BEHIND_BYTES',
    settingText.integer(0, 2 ** 40),
    'How much may be held for slow clients alone that still take older lists, in bytes; past that, the slowest are cut off.',
    { defaultText: '268435456' },
  ),
  slowRequestMs: setting(
    'FACADE_SLOW_REQUEST_MS',
    settingText.milliseconds(1),
    'Requests that took longer than this are logged, in ms.',
    { defaultText: '1000' },
  ),
  reportIntervalMs: setting(
    'FACADE_REPORT_INTERVAL_MS',
    settingText.milliseconds(10, 60_000),
    "How often the tracker's report is read, in ms.",
    { defaultText: '1000' },
  ),
  reportMaxAgeMs: setting(
    'FACADE_REPORT_MAX_AGE_MS',
    settingText.milliseconds(10, 600_000),
    "The age of the tracker's last report from which on lists are marked stale, in ms.",
    { defaultText: '3000' },
  ),
  stopTimeoutMs: setting(
    'FACADE_STOP_TIMEOUT_MS',
    settingText.milliseconds(0, 600_000),
    'How long requests in flight may take to finish at a stop, in ms.',
    { defaultText: '5000' },
  ),
} as const;

export type FacadeSettings = SettingsOf<typeof facadeSettings>;
