/**
 * A process that writes rooms into a Redis store with the store's own writer, in place of a
 * tracker: all of them once, and changes at a set rate while it is told to. Prints a line when the
 * rooms are there.
 *
 * node bench/list-writer.mjs REDIS_URL MUC_SERVICE SITE_ID ROOMS
 */
import { createRedisRoomStore } from '@conference/room-store';
import { makeRows } from './rows.mjs';

const ROWS_AT_ONCE = 1_000;
const TICK_MS = 5;
const REPORT_INTERVAL_MS = 500;

const [redisUrl, mucService, siteId, roomCount] = process.argv.slice(2);
const rows = makeRows(Number(roomCount), siteId);
const logger = { info() {}, warn: console.warn, error: console.error };
const store = createRedisRoomStore({ redisUrl, keyPrefix: 'conference', mucService, logger });
const writer = await store.openWriter();
await writer.reset();
for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
  await writer.commit({ changes: rows.slice(from, from + ROWS_AT_ONCE).map(toPut) });
}
await writer.commit({ changes: [], picture: { state: 'live' } });

let perSecond = 0;
let changed = 0;
let sinceMs = performance.now();
process.on('message', (rate) => {
  process.send(changed);
  [perSecond, changed, sinceMs] = [rate, 0, performance.now()];
});
process.on('disconnect', () => process.exit(0));
process.stdout.write('ready\n');

let reportedAtMs = 0;
for (;;) {
  const nowMs = performance.now();
  if (nowMs - reportedAtMs > REPORT_INTERVAL_MS) {
    reportedAtMs = nowMs;
    await writer.report({ dependencies: [], metrics: '' });
  }
  const due = ((nowMs - sinceMs) / 1_000) * perSecond;
  while (changed < due) {
    changed += 1;
    await writer.commit({ changes: [toPut(nextChange())], observedAtMs: Date.now() });
  }
  await new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

/** Somebody comes into a room, or leaves it: of some room, never of the same again and again. */
function nextChange() {
  const row = rows[Math.floor(Math.random() * rows.length)];
  const isComing = row.occupants < 2;
  row.occupants += isComing ? 1 : -1;
  row.participants = Math.max(0, row.occupants - row.moderators);
  row.moderators = Math.min(row.moderators, row.occupants);
  if (row.occupants === 0) row.emptyDate = new Date().toISOString();
  else delete row.emptyDate;
  return row;
}

function toPut(row) {
  return { kind: 'put', row };
}
