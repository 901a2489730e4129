/**
 * Turns of those who run faults beside each other: what hangs costs the machine nothing, and what
 * starts or recovers shall have it for itself, so that nobody's recovery is late because of others.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Ends a turn; may be called twice. */
export type EndTurn = () => void;

/**
 * Waits for a turn. Whoever gives turns (`CONFERENCE_FAULT_TURNS`, a socket's path) says a byte when
 * it has come, and it ends with the connection, also where this process dies. Without one everybody
 * has a turn at once.
 */
export async function takeTurn(): Promise<EndTurn> {
  const path = process.env['CONFERENCE_FAULT_TURNS'];
  if (path === undefined) return () => undefined;
  const socket = connect(path);
  await once(socket, 'data');
  // Whoever gave it has ended, and with that every turn.
  socket.on('error', () => socket.destroy());
  return () => void socket.destroy();
}
