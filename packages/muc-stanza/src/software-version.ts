/** What software an entity runs. @see XEP-0092 */
import type { ServerSoftware } from '@conference/muc';
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { NS } from './namespaces.js';

export function buildSoftwareVersionRequest(from: string, to: string): Element {
  return createElement(
    'iq',
    { type: 'get', from, to },
    createElement('query', { xmlns: NS.VERSION }),
  );
}

/** Reads the answer; undefined where it names no software. The operating system is left out. */
export function parseSoftwareVersion(reply: Element): ServerSoftware | undefined {
  const query = reply.getChild('query', NS.VERSION);
  const name = query?.getChildText('name')?.trim();
  const version = query?.getChildText('version')?.trim();
  if (name === undefined || name === '') return undefined;
  return { name, ...(isTold(version) ? { version } : {}) };
}

/** COMPAT(prosody 0.12): built from sources without a version, it calls its version `unknown`. */
function isTold(version: string | undefined): version is string {
  return version !== undefined && version !== '' && version.toLowerCase() !== 'unknown';
}
