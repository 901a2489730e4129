/** The process of `npm run site`. */
import { ConferenceError } from '@conference/muc';
import { createSiteCommand } from './site-command.js';
import { facadeSettings } from './settings.js';

const { variable, defaultText } = facadeSettings.sitesFile;

try {
  await createSiteCommand({
    defaultFile: process.env[variable] || String(defaultText),
    write: (text) => process.stdout.write(text),
  }).parseAsync();
} catch (error) {
  if (!(error instanceof ConferenceError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
