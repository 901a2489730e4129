/** `npm run up` on a clone with nothing in it: prepares it, then runs the launcher. */
import { prepare } from './prepare.mjs';

prepare();
const { runUp } = await import('../services/launcher/dist/index.js');
await runUp(process.argv.slice(2));
