/** Hands what a test measured to the command that runs it: one line of JSON for each thing. */
import { appendFileSync } from 'node:fs';

/** @param variable names the file in the environment; without it there is nobody to tell */
export function reportLine(variable: string, measured: object): void {
  const file = process.env[variable];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(measured)}\n`);
}
