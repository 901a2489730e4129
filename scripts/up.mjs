/** `npm run up` on a clone with nothing in it: prepares it, then runs the launcher. */
import { prepare } from './prepare.mjs';
import { removeStaleAnnouncement } from './stale-announcement.mjs';

removeStaleAnnouncement(process.argv.slice(2), process.env);
prepare();
await import('../services/launcher/dist/main.js');
