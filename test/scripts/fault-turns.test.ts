/** The turns of the fault suite: so many at once, and when one ends the next comes. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { takeTurn } from '../faults/turn.js';
import { eventually } from '../support/eventually.js';

const SCRIPT = new URL('../../scripts/fault-turns.mjs', import.meta.url).href;
const CALL = `import { giveTurns } from '${SCRIPT}'; await giveTurns(process.argv[1], 2);`;

/** How long each has it, in ms. */
const HELD_MS = 5;

let dir: string;
let giver: ChildProcess;
const having = new Set<number>();
/** How many had a turn at once at most. */
let most: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'conference-turns-'));
  most = 0;
  const path = join(dir, 'turns');
  giver = spawn(process.execPath, ['--input-type=module', '--eval', CALL, path]);
  await eventually(() => existsSync(path), Boolean, { what: 'somebody who gives turns' });
  process.env['CONFERENCE_FAULT_TURNS'] = path;
});

afterEach(async () => {
  delete process.env['CONFERENCE_FAULT_TURNS'];
  const ended = once(giver, 'exit');
  giver.kill();
  await ended;
  rmSync(dir, { recursive: true, force: true });
});

/** Takes a turn, has it for a while, and ends it twice. */
async function take(who: number): Promise<void> {
  const endTurn = await takeTurn();
  having.add(who);
  most = Math.max(most, having.size);
  await wait(HELD_MS);
  having.delete(who);
  endTurn();
  endTurn();
}

test('two of many have one at once, and all have had one in the end', async () => {
  await Promise.all(Array.from({ length: 10 }, (_, who) => take(who)));
  expect(most).toBe(2);
});

test('where nobody gives them everybody has one', async () => {
  delete process.env['CONFERENCE_FAULT_TURNS'];
  await Promise.all(Array.from({ length: 10 }, (_, who) => take(who)));
  expect(most).toBe(10);
});
