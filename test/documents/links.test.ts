/** Every link from one document of the project to another leads somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const projectDir = fileURLToPath(new URL('../..', import.meta.url));

function listDocuments(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return /^(node_modules|dist|coverage|\..*)$/.test(entry.name) ? [] : listDocuments(path);
    }
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The text without what stands in code. */
const proseOf = (text: string): string =>
  text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, 'code');

/** The anchors that a document's headings make. */
function anchorsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(target: string, from: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (!existsSync(path)) return true;
  return anchor !== undefined && !anchorsOf(path).includes(anchor);
}

describe('links between documents', () => {
  const documents = listDocuments(projectDir);

  test('lead to files and headings that are there', () => {
    expect(documents.length).toBeGreaterThan(10);
    const broken = documents.flatMap((document) =>
      [...proseOf(readFileSync(document, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target) && isBroken(target, document))
        .map((target) => `${relative(projectDir, document)}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('lead to every document in docs/ from the README or from another', () => {
    const linked = new Set(
      documents.flatMap((document) =>
        [...proseOf(readFileSync(document, 'utf8')).matchAll(/\]\(([^)\s#]+)/g)].map(
          ([, target = '']) => join(dirname(document), target),
        ),
      ),
    );
    const lonely = documents.filter(
      (document) => document.startsWith(join(projectDir, 'docs/')) && !linked.has(document),
    );
    expect(lonely.map((document) => relative(projectDir, document))).toEqual([]);
  });
});
