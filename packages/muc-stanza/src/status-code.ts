/**
 * Status codes of XEP-0045 by name; the digits stand nowhere else.
 * @see XEP-0045, Status Codes, #registrar-statuscodes
 */
export const STATUS = {
  SELF_PRESENCE: 110,
  CONFIGURATION_CHANGED: 104,
  LOGGING_ENABLED: 170,
  LOGGING_DISABLED: 171,
  NON_ANONYMOUS: 172,
  SEMI_ANONYMOUS: 173,
  FULLY_ANONYMOUS: 174,
  ROOM_CREATED: 201,
  BANNED: 301,
  NICK_CHANGED: 303,
  KICKED: 307,
  AFFILIATION_CHANGED: 321,
  MEMBERS_ONLY: 322,
  SERVICE_SHUTDOWN: 332,
  DELIVERY_FAILED: 333,
} as const;

/** Codes after which a room's configuration must be read again: none of them carries values. */
export const CONFIGURATION_CODES: readonly number[] = [
  STATUS.CONFIGURATION_CHANGED,
  STATUS.LOGGING_ENABLED,
  STATUS.LOGGING_DISABLED,
  STATUS.NON_ANONYMOUS,
  STATUS.SEMI_ANONYMOUS,
  STATUS.FULLY_ANONYMOUS,
];
