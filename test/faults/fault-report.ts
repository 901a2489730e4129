/** Hands what a run measured to the command that prints the table. */
import { reportLine } from '../support/report-line.js';

export type Measured =
  | {
      readonly kind: 'recovery';
      readonly backend: string;
      readonly fault: string;
      /** From the fault's end to the first list that is the truth, in ms. */
      readonly recoveryMs: number;
    }
  | {
      readonly kind: 'drift';
      readonly backend: string;
      /** What the audit found to be wrong, and repaired. */
      readonly count: number;
    }
  | {
      readonly kind: 'attack';
      readonly attack: string;
      /** By how much the attacked process grew at most, in MiB. */
      readonly grownMebibytes: number;
      /** The longest that somebody else waited for the list meanwhile, in ms. */
      readonly slowestMs: number;
    };

/** Without effect where nobody asked for it (`CONFERENCE_FAULT_REPORT`, a file). */
export function reportMeasured(measured: Measured): void {
  reportLine('CONFERENCE_FAULT_REPORT', measured);
}
