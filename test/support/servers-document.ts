/** The table of docs/servers.md: a row for each fact, a column for each backend. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServerFacts } from './server-facts.js';

const FILE = fileURLToPath(new URL('../../docs/servers.md', import.meta.url));
const BEGIN = '<!-- facts: written by the tests -->\n<!-- prettier-ignore-start -->\n\n';
const END = '\n<!-- prettier-ignore-end -->\n<!-- facts: end -->';

/** What is known of each backend, by its title. */
export type FactsTable = ReadonlyMap<string, ServerFacts>;

/** The table as the document has it. */
export function readFactsTable(): FactsTable {
  const [header = [], , ...rows] = tableOf(readFileSync(FILE, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(
    header
      .slice(1)
      .map((title, column) => [
        title,
        new Map(rows.map(([fact = '', ...cells]) => [fact, cells[column] ?? ''])),
      ]),
  );
}

/** Puts the table in the place of the document's. */
export function writeFactsTable(table: FactsTable): void {
  const text = readFileSync(FILE, 'utf8');
  writeFileSync(
    FILE,
    text.replace(tableOf(text), () => renderFactsTable(table)),
  );
}

/** The table as Markdown. */
export function renderFactsTable(table: FactsTable): string {
  const facts = [...new Set([...table.values()].flatMap((column) => [...column.keys()]))];
  const rows = [
    ['', ...table.keys()],
    ['---', ...[...table].map(() => '---')],
    ...facts.map((fact) => [fact, ...[...table.values()].map((column) => column.get(fact) ?? '')]),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function tableOf(text: string): string {
  const [, rest] = text.split(BEGIN);
  const [table] = rest?.split(END) ?? [];
  if (table === undefined) throw new Error(`${FILE} has no place for the table`);
  return table;
}
