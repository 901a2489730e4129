/** The one place where a configuration for ejabberd is written: for `up` and for the tests. */
import type { ProsodyPorts } from './prosody-config.js';

/** The ports that either server listens on. */
export type XmppServerPorts = ProsodyPorts;

export interface EjabberdConfigOptions {
  /** The address to listen on, e.g. `127.0.0.1`. */
  readonly interface: string;
  readonly ports: XmppServerPorts;
  /** The domain of the accounts. */
  readonly domain: string;
  /** The domain where anybody may log in without an account (SASL ANONYMOUS, XEP-0175). */
  readonly anonymousDomain: string;
  /** The domain of the rooms (XEP-0045). */
  readonly mucService: string;
  /** The domain of the tracker, an external component (XEP-0114) and admin of the MUC service. */
  readonly trackerDomain: string;
  /** Further trackers, which stand by for the first; the same secret, the same rights. */
  readonly standbyTrackers?: readonly { readonly domain: string; readonly componentPort: number }[];
  readonly componentSecret: string;
  /** Bare JIDs of people who administer the MUC service beside the tracker. */
  readonly mucAdmins?: readonly string[];
  /** Commands of ejabberd's administration that anybody on the machine may call over HTTP, at `/api`. */
  readonly openCommands?: readonly string[];
}

/**
 * The text of an `ejabberd.yml` for ejabberd 23.01: one domain with accounts, one for anonymous
 * login, one MUC service, one component. No encryption, since it is meant for loopback; no
 * server-to-server connections. Every string stands as JSON, which YAML reads alike.
 */
export function buildEjabberdConfig(options: EjabberdConfigOptions): string {
  const { ports, mucAdmins = [], openCommands = [] } = options;
  const trackers = [
    { domain: options.trackerDomain, componentPort: ports.component },
    ...(options.standbyTrackers ?? []),
  ];
  const ip = quote(options.interface);
  return `# Written anew at every start; changes are lost.
hosts:
  - ${quote(options.domain)}
  - ${quote(options.anonymousDomain)}
loglevel: warning
hide_sensitive_log_data: true
# Of the mechanisms that clients can use without encryption, the one that all of them know.
auth_method: [internal]
auth_password_format: scram
auth_scram_hash: sha
host_config:
  ${quote(options.anonymousDomain)}:
    auth_method: [anonymous]
    anonymous_protocol: sasl_anon
    allow_multiple_connections: true

listen:
  - port: ${ports.c2s}
    ip: ${ip}
    module: ejabberd_c2s
    access: all
    max_stanza_size: 262144
  # One listener per component: with several on one, answers go to the wrong one.
${trackers
  .map(
    ({ domain, componentPort }) => `  - port: ${componentPort}
    ip: ${ip}
    module: ejabberd_service
    hosts:
      ${quote(domain)}:
        password: ${quote(options.componentSecret)}
`,
  )
  .join('')}  - port: ${ports.websocket}
    ip: ${ip}
    module: ejabberd_http
    request_handlers:
      /xmpp-websocket: ejabberd_http_ws
${openCommands.length === 0 ? '' : buildApi(openCommands)}
acl:
  conference_tracker:
    server:
${trackers.map(({ domain }) => `      - ${quote(domain)}\n`).join('')}${mucAdmins.length === 0 ? '' : `  conference_admins:\n    user:\n${mucAdmins.map((jid) => `      - ${quote(jid)}\n`).join('')}`}access_rules:
  muc_admin:
    - allow: conference_tracker
${mucAdmins.length === 0 ? '' : '    - allow: conference_admins\n'}
modules:
  mod_blocking: {}
  mod_carboncopy: {}
  mod_disco: {}
  mod_muc:
    host: ${quote(options.mucService)}
    # As admin of the service the tracker sees hidden rooms too, and real JIDs.
    access_admin: muc_admin
    access_persistent: all
    # A history is nothing that the tracker needs.
    default_room_options:
      mam: false
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_roster: {}
  mod_vcard: {}
${openCommands.length === 0 ? '' : '  mod_muc_admin: {}\n'}  mod_version: {}
`;
}

function buildApi(commands: readonly string[]): string {
  return `      /api: mod_http_api
api_permissions:
  opened:
    who:
      - ip: 127.0.0.0/8
    what:
${commands.map((command) => `      - ${command}\n`).join('')}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
