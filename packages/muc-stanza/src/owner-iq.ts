/** The owner's view of a room: its configuration form. @see XEP-0045, #roomconfig */
import { PRESENT_ROLES } from '@conference/muc';
import type { RoomConfiguration } from '@conference/muc';
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { fieldFlag, fieldText, parseFormFields } from './data-form.js';
import { NS } from './namespaces.js';

/** Asks for the configuration form. */
export function buildConfigurationRequest(from: string, roomJid: string): Element {
  return createElement(
    'iq',
    { type: 'get', from, to: roomJid },
    createElement('query', { xmlns: NS.MUC_OWNER }),
  );
}

/** What the form tells, and the secret that a join needs. */
export interface OwnerForm {
  readonly configuration: RoomConfiguration;
  /** Absent where the room has none. */
  readonly password?: string;
}

/** Reads the answer to a configuration request; undefined where it carries no form. */
export function parseConfigurationForm(reply: Element): OwnerForm | undefined {
  const query = reply.getChild('query', NS.MUC_OWNER);
  const fields = query && parseFormFields(query);
  if (fields === undefined) return undefined;
  const password = fieldText(fields, 'muc#roomconfig_roomsecret');
  const isProtected = fieldFlag(fields, 'muc#roomconfig_passwordprotectedroom') ?? true;
  return {
    configuration: {
      name: fieldText(fields, 'muc#roomconfig_roomname') ?? '',
      description: fieldText(fields, 'muc#roomconfig_roomdesc') ?? '',
      maxUsers: parseMaxUsers(fields.get('muc#roomconfig_maxusers')?.[0]),
      ...(fields.has('muc#roomconfig_maxusers') ? { isMaxUsersTold: true } : {}),
      isPersistent: fieldFlag(fields, 'muc#roomconfig_persistentroom') ?? false,
      ...parseHiddenRoles(fields.get('muc#roomconfig_presencebroadcast')),
    },
    ...(password && isProtected ? { password } : {}),
  };
}

/** The roles that are not among those whose presence is broadcast; nothing where all are. */
function parseHiddenRoles(
  broadcast: readonly string[] | undefined,
): Pick<RoomConfiguration, 'hiddenRoles'> {
  if (broadcast === undefined) return {};
  const hiddenRoles = PRESENT_ROLES.filter((role) => !broadcast.includes(role));
  return hiddenRoles.length === 0 ? {} : { hiddenRoles };
}

/** 0 = no limit: absent, `none`, 0 and what is no number all mean that. */
function parseMaxUsers(value: string | undefined): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** Destroys a room. @see XEP-0045, Destroying a Room, #destroyroom */
export function buildDestroyRequest(from: string, roomJid: string): Element {
  return createElement(
    'iq',
    { type: 'set', from, to: roomJid },
    createElement('query', { xmlns: NS.MUC_OWNER }, createElement('destroy')),
  );
}
