/** `npm run check`: what can be known within seconds, without any server. */
import { runChecks } from './checks.mjs';
import { runJest } from './jest-run.mjs';
import { ensureDebianPackages } from './packages.mjs';
import { prepare } from './prepare.mjs';

prepare('test');
await ensureDebianPackages(({ luacheck }) => [luacheck]);
const checked = await runChecks();
const tested = await runJest(['packages', 'services'], { isWhole: false });
const failed = checked.failed + tested.failed;
process.stdout.write(`${checked.passed + tested.passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
