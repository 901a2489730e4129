/** Figures out of many measurements. */

/** @param {readonly number[]} figures @param {number} share in (0, 1], e.g. 0.99 */
export function percentileOf(figures, share) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** @param {readonly number[]} figures */
export function medianOf(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Writes one row of a Markdown table. */
export function printRow(cells) {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

/** Writes the head of a Markdown table. */
export function printHead(names) {
  printRow(names);
  printRow(names.map(() => '---'));
}
