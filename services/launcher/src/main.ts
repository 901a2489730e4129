/** The process of `npm run up`, once everything is built. */
import { runUp } from './run-up.js';

await runUp(process.argv.slice(2));
