/** Why a stream ended: what the server, the network or we ourselves did → a sentence for people. */
import type { Element } from 'ltx';
import type { ComponentAddress } from './component-address.js';
import { NS_STREAM_CONDITIONS } from './stream-text.js';
import type { ConnectionStatus } from './xmpp-connection.js';

export type RefusalCondition = Extract<ConnectionStatus, { state: 'refused' }>['condition'];

export interface StreamEnd {
  /** Set where the server said no to this component. */
  readonly refusal?: RefusalCondition;
  /** A sentence for people, the same for the same cause. */
  readonly reason: string;
  /** For the log. */
  readonly cause?: unknown;
}

const REFUSALS: Record<RefusalCondition, (domain: string) => string> = {
  'not-authorized': (domain) =>
    `the XMPP server refuses the secret of the component ${domain} (not-authorized): ` +
    `XMPP_COMPONENT_SECRET must equal the secret in the server's configuration`,
  'host-unknown': (domain) =>
    `the XMPP server knows no component ${domain} (host-unknown): XMPP_COMPONENT_DOMAIN must ` +
    `name a component that the server's configuration declares`,
  conflict: (domain) =>
    `another connection holds the component ${domain} (conflict): this tracker stands by until ` +
    `that ends; give each tracker an XMPP_COMPONENT_DOMAIN of its own`,
};

/** The meaning of a <stream:error/> (RFC 6120, Stream Errors, #streams-error; XEP-0114). */
export function endFromStreamError(error: Element, { domain }: ComponentAddress): StreamEnd {
  const condition = error
    .getChildElements()
    .find((child) => child.getNS() === NS_STREAM_CONDITIONS && child.getName() !== 'text')
    ?.getName();
  if (condition !== undefined && isRefusal(condition)) {
    return { refusal: condition, reason: REFUSALS[condition](domain) };
  }
  return { reason: `the XMPP server ended the stream (${condition ?? 'undefined-condition'})` };
}

/** The server lets another connection of the same domain in beside us, and divides what it has. */
export function endOfShared({ domain }: ComponentAddress): StreamEnd {
  return { refusal: 'conflict', reason: REFUSALS.conflict(domain) };
}

/** The meaning of a failure of the socket, or of the library while it connects. */
export function endFromFailure(failure: unknown, { host, port }: ComponentAddress): StreamEnd {
  const code =
    typeof failure === 'object' && failure !== null && 'code' in failure
      ? String(failure.code)
      : 'no error code';
  return { reason: failureReason(code, host, port), cause: failure };
}

function failureReason(code: string, host: string, port: number): string {
  switch (code) {
    case 'ECONNREFUSED':
      return (
        `nothing listens on ${host}:${port} (ECONNREFUSED): is the XMPP server running, and are ` +
        `XMPP_COMPONENT_HOST and XMPP_COMPONENT_PORT right?`
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `XMPP_COMPONENT_HOST ${host} cannot be resolved (${code})`;
    default:
      return `the connection to ${host}:${port} failed (${code})`;
  }
}

function isRefusal(condition: string): condition is RefusalCondition {
  return Object.hasOwn(REFUSALS, condition);
}
