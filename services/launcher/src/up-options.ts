/** What can be told to `npm run up`: each by an option or by an environment variable. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConferenceError } from '@conference/muc';

/** The ports that `up` listens on, all on loopback. */
export interface UpPorts {
  readonly http: number;
  readonly c2s: number;
  readonly component: number;
  readonly websocket: number;
  readonly redis: number;
}

export interface UpOptions {
  /** `redis`: tracker and facade as two processes; `memory`: both in one, without Redis. */
  readonly store: 'redis' | 'memory';
  /** Which XMPP server is run. */
  readonly server: 'prosody' | 'ejabberd';
  /** How rooms are followed: by the module in Prosody, or by joining them. */
  readonly feed: 'feed' | 'join';
  /** Absolute folder of everything that `up` keeps. */
  readonly dir: string;
  readonly ports: UpPorts;
}

/** How one setting is called where. */
export interface SettingName {
  /** Without the two dashes. */
  readonly option: string;
  readonly variable: string;
  readonly defaultText: string;
  readonly description: string;
}

export const STORE_SETTING: SettingName = {
  option: 'store',
  variable: 'CONFERENCE_STORE',
  defaultText: 'redis',
  description: '"redis", or "memory" to run as one process without Redis',
};

export const SERVER_SETTING: SettingName = {
  option: 'server',
  variable: 'CONFERENCE_SERVER',
  defaultText: 'prosody',
  description: 'the XMPP server: "prosody" or "ejabberd"',
};

export const FEED_SETTING: SettingName = {
  option: 'feed',
  variable: 'CONFERENCE_FEED',
  defaultText: 'feed, with ejabberd join',
  description: '"feed": Prosody itself tells the tracker; "join": the tracker joins all rooms',
};

export const DIR_SETTING: SettingName = {
  option: 'dir',
  variable: 'CONFERENCE_DIR',
  defaultText: '.conference',
  description: 'folder for data, secrets and logs',
};

export const PORT_SETTINGS: Readonly<Record<keyof UpPorts, SettingName>> = {
  http: port('http-port', 'CONFERENCE_HTTP_PORT', '8080', 'the REST API'),
  c2s: port('c2s-port', 'CONFERENCE_C2S_PORT', '5222', 'chat clients over TCP'),
  websocket: port('websocket-port', 'CONFERENCE_WEBSOCKET_PORT', '5280', 'chat clients over HTTP'),
  component: port(
    'component-port',
    'CONFERENCE_COMPONENT_PORT',
    '5347',
    'the tracker at the XMPP server',
  ),
  redis: port('redis-port', 'CONFERENCE_REDIS_PORT', '6380', 'Redis'),
};

function port(option: string, variable: string, defaultText: string, what: string): SettingName {
  return { option, variable, defaultText, description: `port of ${what}` };
}

const ALL_SETTINGS = [
  STORE_SETTING,
  SERVER_SETTING,
  FEED_SETTING,
  ...Object.values(PORT_SETTINGS),
  DIR_SETTING,
];

/** What the memory store costs. */
export const MEMORY_STORE_NOTE =
  'With --store memory the dates of rooms are forgotten at every stop: those that the server does not tell begin anew.';

/** The text of `npm run up -- --help`. */
export function upHelp(): string {
  const rows = ALL_SETTINGS.map(
    ({ option, variable, defaultText, description }) =>
      `  --${option.padEnd(15)} ${variable.padEnd(26)} ${description} (${defaultText})`,
  );
  return [
    'npm run up -- [options]: runs an XMPP server, Redis, tracker and facade on loopback until Ctrl-C.',
    '',
    '  option            or environment variable    meaning (default)',
    ...rows,
    '  --help                                       this text',
    '',
    MEMORY_STORE_NOTE,
    '',
  ].join('\n');
}

/**
 * Reads options and environment; an option wins over its variable, an empty variable is unset.
 * `help` where that was asked for. Fails with one `configuration-invalid` that lists every
 * problem by the setting's name.
 */
export function readUpOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): UpOptions | 'help' {
  const given = parseOptions(args);
  if (given['help'] !== undefined) {
    return 'help';
  }
  const textOf = ({ option, variable, defaultText }: SettingName): string =>
    given[option] ?? (environment[variable] || defaultText);

  const problems: string[] = [];
  const store = textOf(STORE_SETTING);
  if (store !== 'redis' && store !== 'memory') {
    problems.push(`${nameOf(STORE_SETTING)} is "${store}", but must be "redis" or "memory"`);
  }
  const server = textOf(SERVER_SETTING);
  if (server !== 'prosody' && server !== 'ejabberd') {
    problems.push(`${nameOf(SERVER_SETTING)} is "${server}", but must be "prosody" or "ejabberd"`);
  }
  const defaultFeed = server === 'ejabberd' ? 'join' : 'feed';
  const feed = textOf({ ...FEED_SETTING, defaultText: defaultFeed });
  if (feed !== 'feed' && feed !== 'join') {
    problems.push(`${nameOf(FEED_SETTING)} is "${feed}", but must be "feed" or "join"`);
  } else if (feed === 'feed' && server === 'ejabberd') {
    problems.push(
      `${nameOf(FEED_SETTING)} is "feed", which only Prosody can: ejabberd needs "join"`,
    );
  }
  const ports = readPorts(textOf, store === 'memory', problems);
  if (problems.length > 0) {
    throw new ConferenceError('configuration-invalid', problems.join('\n'));
  }
  return {
    store: store === 'memory' ? 'memory' : 'redis',
    server: server === 'ejabberd' ? 'ejabberd' : 'prosody',
    feed: feed === 'join' ? 'join' : 'feed',
    dir: resolve(textOf(DIR_SETTING)),
    ports,
  };
}

/** How a setting is named to people. */
export function nameOf({ option, variable }: SettingName): string {
  return `--${option} (${variable})`;
}

function readPorts(
  textOf: (setting: SettingName) => string,
  isWithoutRedis: boolean,
  problems: string[],
): UpPorts {
  const ports: Record<keyof UpPorts, number> = {
    http: 0,
    c2s: 0,
    component: 0,
    websocket: 0,
    redis: 0,
  };
  const takenBy = new Map<number, SettingName>();
  for (const key of Object.keys(PORT_SETTINGS) as (keyof UpPorts)[]) {
    const setting = PORT_SETTINGS[key];
    const text = textOf(setting);
    const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    ports[key] = value;
    if (key === 'redis' && isWithoutRedis) {
      continue;
    }
    const other = takenBy.get(value);
    if (value < 1 || value > 65535) {
      problems.push(`${nameOf(setting)} is "${text}", but must be a port from 1 to 65535`);
    } else if (other !== undefined) {
      problems.push(`${nameOf(setting)} and ${nameOf(other)} are both ${value}`);
    } else {
      takenBy.set(value, setting);
    }
  }
  return ports;
}

function parseOptions(args: readonly string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(
    ALL_SETTINGS.map(({ option }) => [option, { type: 'string' as const }]),
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      strict: true,
      allowPositionals: false,
    });
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        value === undefined ? value : String(value),
      ]),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new ConferenceError('configuration-invalid', `${why} (--help lists all options)`, {
      cause,
    });
  }
}
