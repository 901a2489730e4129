import type { PresentRole } from './role.js';

/** What is configured of a room, as far as the house uses it. @see XEP-0045, #roomconfig */
export interface RoomConfiguration {
  /** Title; `""` without one. */
  readonly name: string;
  /** `""` without one. */
  readonly description: string;
  /** 0 = no limit. */
  readonly maxUsers: number;
  /** Whether the server shows a maximum at all, be it none; absent where it does not. */
  readonly isMaxUsersTold?: boolean;
  /** Whether the room outlives its last occupant. */
  readonly isPersistent: boolean;
  /** Roles whose presence the room shows to nobody else; absent where it shows all. */
  readonly hiddenRoles?: readonly PresentRole[];
}

/** A room nobody has told anything of. */
export const UNKNOWN_CONFIGURATION: RoomConfiguration = {
  name: '',
  description: '',
  maxUsers: 0,
  isPersistent: false,
};
