/** The one place where a configuration for Prosody is written: for `up`, the tests, the image. */

/** A value that stands in the configuration itself, or that Prosody reads from its environment. */
export type ConfiguredSecret = string | { readonly environmentVariable: string };

export interface ProsodyConfigOptions {
  /** Addresses to listen on, e.g. `127.0.0.1`; `*` for every IPv4 address (in a container). */
  readonly interfaces: readonly string[];
  readonly ports: ProsodyPorts;
  /** Absolute folder of accounts, rooms and the pid file. */
  readonly dataDir: string;
  /** The domain of the accounts. */
  readonly domain: string;
  /** The domain where anybody may log in without an account (SASL ANONYMOUS, XEP-0175). */
  readonly anonymousDomain: string;
  /** The domain of the rooms (XEP-0045). */
  readonly mucService: string;
  /** The domain of the tracker, an external component (XEP-0114) and admin of the MUC service. */
  readonly trackerDomain: string;
  /** Domains of further trackers, which stand by for the first; the same secret, the same rights. */
  readonly standbyTrackerDomains?: readonly string[];
  readonly componentSecret: ConfiguredSecret;
  /** Prosody refuses to run as root unless this is set. */
  readonly isRoot: boolean;
  /** Rounds of hashing per login (SCRAM, RFC 5802); Prosody's own number where absent. */
  readonly passwordIterations?: number;
  /** Folder of `mod_conference_feed.lua`; with it the MUC service tells the tracker what happens. */
  readonly feedModuleDir?: string;
  /** Lines of Lua for the MUC component, e.g. `muc_room_default_persistent = true`. */
  readonly extraMucConfig?: string;
}

export interface ProsodyPorts {
  /** Chat clients over TCP (RFC 6120). */
  readonly c2s: number;
  /** External components (XEP-0114). */
  readonly component: number;
  /** HTTP, for chat clients over WebSocket (RFC 7395) at `/xmpp-websocket`. */
  readonly websocket: number;
}

/** More rooms than this at a time would be swapped to disk and read back at each listing. */
const ROOMS_IN_MEMORY = 100_000;

/** A listing of 100,000 rooms is some 10 MB in one stanza; Prosody's default is 512 KiB. */
const COMPONENT_STANZA_BYTES = 32 * 1024 * 1024;

/**
 * The text of a `prosody.cfg.lua` for Prosody 0.12 and 13: one domain with accounts, one for
 * anonymous login, one MUC service, one component. No encryption, since it is meant for loopback
 * and for the inside of a container network; no server-to-server connections.
 */
export function buildProsodyConfig(options: ProsodyConfigOptions): string {
  const { ports } = options;
  const trackerDomains = [options.trackerDomain, ...(options.standbyTrackerDomains ?? [])];
  return `-- Written anew at every start; changes are lost.
data_path = ${luaString(options.dataDir)}
pidfile = ${luaString(`${options.dataDir}/prosody.pid`)}
run_as_root = ${String(options.isRoot)}
${options.feedModuleDir === undefined ? '' : `plugin_paths = { ${luaString(options.feedModuleDir)} }\n`}umask = "077"
certificates = ${luaString(`${options.dataDir}/certs`)}
log = { { levels = { min = "info" }, to = "console" } }
-- By default (105) the collector begins again as soon as a twentieth has been made anew: with
-- thousands of rooms Prosody then does little else.
gc = { threshold = 150 }

interfaces = ${luaList(options.interfaces)}
c2s_ports = { ${ports.c2s} }
component_interfaces = ${luaList(options.interfaces)}
component_ports = { ${ports.component} }
http_interfaces = ${luaList(options.interfaces)}
http_ports = { ${ports.websocket} }
https_ports = {}
http_default_host = ${luaString(options.domain)}

modules_enabled = {
  "roster"; "saslauth"; "disco"; "ping"; "private"; "blocklist"; "carbons"; "pep"; "bookmarks";
  "vcard4"; "vcard_legacy"; "version"; "time"; "websocket";
}
modules_disabled = { "s2s"; "s2s_auth_certs" }
storage = "internal"
allow_registration = false

-- There is no certificate, so clients may log in without encryption.
c2s_require_encryption = false
s2s_require_encryption = false
allow_unencrypted_plain_auth = true
consider_websocket_secure = true
component_stanza_size_limit = ${COMPONENT_STANZA_BYTES}

VirtualHost ${luaString(options.domain)}
  authentication = "internal_hashed"
${indent(options.passwordIterations === undefined ? '' : `default_iteration_count = ${options.passwordIterations}`)}
VirtualHost ${luaString(options.anonymousDomain)}
  authentication = "anonymous"

Component ${luaString(options.mucService)} "muc"
  name = "Rooms"
  -- As admin of the service the tracker sees hidden rooms too, and real JIDs.
  admins = ${luaList(trackerDomains)}
  component_admins_as_room_owners = true
  -- A new room can be entered by others at once, without its owner configuring it first.
  muc_room_locking = false
  -- Rooms past this number are swapped to disk, and every listing reads them back.
  muc_room_cache_size = ${ROOMS_IN_MEMORY}
${options.feedModuleDir === undefined ? '' : feedConfig(trackerDomains)}${indent(options.extraMucConfig ?? '')}
${trackerDomains.map((domain) => componentConfig(domain, options.componentSecret)).join('\n')}`;
}

function componentConfig(domain: string, secret: ConfiguredSecret): string {
  return `Component ${luaString(domain)}
  component_secret = ${luaSecret(secret)}
`;
}

function feedConfig(trackerDomains: readonly string[]): string {
  return indent(`-- Tells the tracker what happens, so that it need not be in the rooms.
modules_enabled = { "conference_feed" }
conference_feed_component = ${luaList(trackerDomains)}`);
}

function indent(lines: string): string {
  return lines === '' ? '' : `${lines.replace(/^/gm, '  ')}\n`;
}

function luaSecret(secret: ConfiguredSecret): string {
  return typeof secret === 'string'
    ? luaString(secret)
    : `assert(os.getenv(${luaString(secret.environmentVariable)}), ${luaString(`${secret.environmentVariable} is not set`)})`;
}

function luaList(values: readonly string[]): string {
  return `{ ${values.map(luaString).join('; ')} }`;
}

/** A Lua string literal; every byte that is not plain is written as a decimal escape. */
export function luaString(text: string): string {
  let literal = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    literal += isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`;
  }
  return `"${literal}"`;
}
