/** What a run of the faults measured, as a table for people. */

/** One line for each fault, one column for each backend; ms from its end to the true list. */
export function buildFaultTable(measured, backends) {
  const recoveries = measured.filter(({ kind }) => kind === 'recovery');
  const faults = [...new Set(recoveries.map(({ fault }) => fault))].sort();
  const rows = faults.map((fault) => [
    fault,
    ...backends.map((backend) => {
      const own = recoveries.filter((each) => each.fault === fault && each.backend === backend);
      return own.length === 0 ? '–' : String(Math.max(...own.map((each) => each.recoveryMs)));
    }),
  ]);
  const worst = backends.map((backend) => {
    const own = recoveries.filter((each) => each.backend === backend);
    return own.length === 0 ? '–' : String(Math.max(...own.map((each) => each.recoveryMs)));
  });
  const heading = ["ms from the fault's end to the true list", ...backends];
  return layOut([heading, ...rows, ['longest', ...worst]]);
}

/** One line for each attack on the REST API; undefined where there was none. */
export function buildAttackTable(measured) {
  const attacks = measured.filter(({ kind }) => kind === 'attack');
  if (attacks.length === 0) {
    return undefined;
  }
  const heading = ['attack on the REST API', 'facade grew, MiB', 'others waited at most, ms'];
  const rows = attacks.map(({ attack, grownMebibytes, slowestMs }) =>
    [attack, grownMebibytes, slowestMs].map(String),
  );
  return layOut([heading, ...rows]);
}

/** What the audit had to repair, on all backends together. */
export function sumDrift(measured) {
  return measured.filter(({ kind }) => kind === 'drift').reduce((sum, { count }) => sum + count, 0);
}

function layOut(rows) {
  const widths = rows[0].map((_cell, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map(
    (row) =>
      `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width, column) => `${'-'.repeat(width - 1)}${column === 0 ? '-' : ':'}`).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
