/**
 * What an audit had to put right. It heals what an event should have told, so that a test waits for
 * the right row and gets it: whoever ends a tracker asks here whether that was the audit's doing.
 */
import type { Difference } from '../../services/tracker/src/audit/room-difference.js';

/** What the audit says at `debug` each time that it has a room read again. */
const REPAIRED = 'what was different';

/** A room that an audit had read again, and in what it differed from the server's word. */
export interface AuditRepair {
  readonly roomId: string;
  readonly differences: readonly Difference[];
}

/** What was repaired, by what a tracker's process has logged, `debug` included. */
export function readRepairs(log: string): readonly AuditRepair[] {
  const lines = log.split('\n').filter((line) => line.includes(`"msg":"${REPAIRED}"`));
  return lines.map((line) => JSON.parse(line) as AuditRepair);
}

/** How many differences were repaired. */
export function countDifferences(repairs: readonly AuditRepair[]): number {
  return repairs.reduce((sum, { differences }) => sum + differences.length, 0);
}

/** Fails, naming rooms and differences, where another number of differences was repaired. */
export function expectRepaired(repairs: readonly AuditRepair[], expected: number): void {
  const count = countDifferences(repairs);
  if (count === expected) return;
  const told = repairs.flatMap(({ roomId, differences }) =>
    differences.map(
      ({ kind, key, known, told: now }) => `${roomId}: ${kind} "${key}": "${known}", not "${now}"`,
    ),
  );
  const found = `the audit repaired ${count} differences; ${expected} were expected`;
  throw new Error([found, ...told].join('\n'));
}
