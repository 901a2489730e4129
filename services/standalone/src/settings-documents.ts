/** The documents that are written from the declarations of the settings. */
import type { SettingDeclaration } from '@conference/service-runtime';
import type { SettingGroup } from './setting-groups.js';

/** Between these lines of a document everything is generated; prettier leaves it alone. */
const BEGIN = '<!-- settings: written by `npm run docs` -->\n<!-- prettier-ignore-start -->\n';
const END = '<!-- prettier-ignore-end -->\n<!-- settings: end -->\n';

/** A table for each group, in Markdown. */
export function renderSettingsTables(groups: readonly SettingGroup[]): string {
  return groups
    .map(({ title, settings }) => {
      const rows = settings.map(
        (setting) =>
          `| \`${setting.variable}\` | ${describeDefault(setting)} | ${setting.description.replaceAll('|', '\\|')} |\n`,
      );
      return `### ${title}\n\n| variable | default | meaning |\n| --- | --- | --- |\n${rows.join('')}`;
    })
    .join('\n');
}

/**
 * The document with what stands between the two marking lines replaced by the tables.
 * Fails where it has no such lines.
 */
export function replaceSettingsTables(document: string, groups: readonly SettingGroup[]): string {
  const beginsAt = document.indexOf(BEGIN);
  const endsAt = document.indexOf(END);
  if (beginsAt === -1 || endsAt < beginsAt) {
    throw new Error('the document has no lines between which the settings belong');
  }
  const head = document.slice(0, beginsAt + BEGIN.length);
  return `${head}\n${renderSettingsTables(groups)}\n${document.slice(endsAt)}`;
}

/** The text of `.env.example`: what must be set stands bare, all else as a comment. */
export function renderEnvironmentExample(groups: readonly SettingGroup[]): string {
  const blocks = groups.map(({ title, settings }) => {
    const entries = settings.map(
      ({ variable, defaultText, description }) =>
        `# ${description}\n${defaultText === undefined ? '' : '# '}${variable}=${defaultText ?? ''}\n`,
    );
    return `# ---- ${title} ----\n\n${entries.join('\n')}`;
  });
  return `# Every setting with its default: docs/configuration.md. Written by \`npm run docs\`.\n\n${blocks.join('\n')}`;
}

function describeDefault({ defaultText }: SettingDeclaration<unknown>): string {
  if (defaultText === undefined) return '**must be set**';
  return defaultText === '' ? 'none' : `\`${defaultText}\``;
}
