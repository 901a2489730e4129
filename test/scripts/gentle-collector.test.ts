/** What the feed's module does with Lua's collector while a page is made, in plain Lua. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const MODULE = fileURLToPath(
  new URL('../../prosody/conference_feed/gently.lib.lua', import.meta.url),
);

/** A Prosody in which nothing happens but that timers of no time run at the end of a turn. */
const PROSODY = `
  local due = {}
  package.loaded["util.time"] = { now = os.clock }
  package.loaded["util.timer"] = { add_task = function(_, task) table.insert(due, task) end }
  module = {
    get_option = function() end, shared = function() return {} end, add_timer = function() end,
  }
  local gently = dofile(arg[1])
  local function end_turn() for _, task in ipairs(due) do task() end; due = {} end
  local function say(when) print(when, collectgarbage("isrunning") and "on" or "off") end
  local function make() gently:run(function() say("making") end) end
`;

/** Whether the collector is on, each time that the scenario says when. */
function run(scenario: string): string[] {
  const chunk = `${PROSODY}\n${scenario}`;
  const said = execFileSync('lua5.4', ['-', MODULE], { input: chunk, encoding: 'utf8' });
  return said
    .trim()
    .split('\n')
    .map((line) => line.replace('\t', ': '));
}

test('is off while a page is made, however that ends', () => {
  expect(
    run(`
      make() say("made")
      pcall(gently.run, gently, function() error("broken") end) say("failed")
      end_turn() say("later")
    `),
  ).toEqual(['making: off', 'made: on', 'failed: on', 'later: on']);
});

test('is on again while a page waits for its storage', () => {
  expect(
    run(`
      local page = coroutine.wrap(function()
        gently:run(function() coroutine.yield() say("going on") end)
      end)
      page() end_turn() say("waiting")
      make() say("another made")
      page() say("made") end_turn() say("later")
    `),
  ).toEqual([
    'waiting: on',
    'making: off',
    'another made: on',
    'going on: on',
    'made: on',
    'later: on',
  ]);
});

test('is not set going by a page that was made before', () => {
  expect(
    run(`
      make() local before = due; due = {}
      gently:run(function() for _, task in ipairs(before) do task() end say("making") end)
    `),
  ).toEqual(['making: off', 'making: off']);
});
