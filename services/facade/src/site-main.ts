/** The process of `npm run site`. */
import { ConferenceError } from '@conference/muc';
import { chooseSitesFile } from './default-sites-file.js';
import { createSiteCommand } from './site-command.js';

try {
  await createSiteCommand({
    defaultFile: chooseSitesFile(process.env, process.cwd()),
    write: (text) => process.stdout.write(text),
  }).parseAsync();
} catch (error) {
  if (!(error instanceof ConferenceError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
