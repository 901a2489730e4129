/** What tests report beside passing or failing: a file with a line of JSON for each thing. */
import { readFileSync } from 'node:fs';

/** All that was reported so far; nothing where nothing was. */
export function readReport(file) {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    // What stands behind the last line's end is still being written.
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  } catch (error) {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
