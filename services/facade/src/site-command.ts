/** `npm run site -- add|list|rotate|remove`: who may ask, and with which keys. */
import { Command } from 'commander';
import { resolve } from 'node:path';
import {
  addSiteToFile,
  listSitesInFile,
  removeFromFile,
  rotateKeyInFile,
  type AddedSite,
} from './site-registry.js';
import type { OwnedRooms } from './site.js';

export interface SiteCommandOptions {
  /** Where the sites are unless `--file` says so. */
  readonly defaultFile: string;
  /** Takes what is to be shown. */
  readonly write: (text: string) => void;
}

/** Builds the command. Its actions fail with `configuration-invalid`. */
export function createSiteCommand({ defaultFile, write }: SiteCommandOptions): Command {
  const command = new Command('site')
    .description('The sites that may ask for their rooms, and their API keys.')
    .option(
      '--file <path>',
      'the file with the sites (SITES_FILE; that of "up" where it keeps one)',
      defaultFile,
    );
  const file = (): string => command.opts<{ file: string }>().file;
  const writeChange = (what: string): void => write(`${what}Written to ${resolve(file())}\n`);

  command
    .command('add <siteId>')
    .description('Adds a site that owns the rooms whose names end in |siteId; shows its key, once.')
    .option('--service <mucService>', 'it owns all rooms of this MUC service instead')
    .action(async (siteId: string, { service }: { service?: string }) => {
      const rooms: OwnedRooms =
        service === undefined ? { by: 'suffix' } : { by: 'mucService', mucService: service };
      writeChange(showKey(await addSiteToFile(file(), siteId, rooms)));
    });
  command
    .command('list')
    .description('Shows the sites and the ids of their keys; keys themselves are kept nowhere.')
    .action(async () => {
      for (const { siteId, rooms, keys } of await listSitesInFile(file())) {
        const owned = rooms.by === 'suffix' ? `rooms ending in |${siteId}` : rooms.mucService;
        write(`${siteId}  ${owned}\n`);
        for (const { id, createdAt } of keys) {
          write(`  key ${id}  ${createdAt}\n`);
        }
      }
    });
  command
    .command('rotate <siteId>')
    .description('Gives a site one more key and shows it, once. Earlier keys stay until removed.')
    .action(async (siteId: string) => {
      writeChange(showKey(await rotateKeyInFile(file(), siteId)));
    });
  command
    .command('remove <siteId>')
    .description('Removes a site, or with --key one of its keys.')
    .option('--key <id>', 'the id of the key, as list shows it')
    .action(async (siteId: string, { key }: { key?: string }) => {
      await removeFromFile(file(), siteId, key);
      writeChange(key === undefined ? `removed ${siteId}\n` : `removed key ${key} of ${siteId}\n`);
    });
  return command;
}

function showKey({ siteId, keyId, apiKey }: AddedSite): string {
  return `siteId: ${siteId}\nkey id: ${keyId}\napiKey: ${apiKey}\nThis key is shown only now; the facade takes it within a second.\n`;
}
