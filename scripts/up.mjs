/** `npm run up` on a clone with nothing in it: prepares it, then runs the launcher. */
import { prepare } from './prepare.mjs';

prepare();
await import('../services/launcher/dist/main.js');
