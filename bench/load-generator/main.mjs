/**
 * People in the rooms of a real server, as a process of its own: a component that acts for all users
 * of its domain, at a set rate. The one argument is its options as JSON. Over the process's channel
 * it says `{ isReady }` when everybody who stays is in, then takes `{ rate, seconds }` and answers
 * with what the server delivered.
 */
import { nowMs } from '../clock.mjs';
import { connectComponent } from './component-client.mjs';
import { People } from './people.mjs';

const TICK_MS = 2;
const ROOMS_AT_ONCE = 8;
/** After the last action so long is waited for the last of what it brings. */
const LAST_MS = 10_000;
/** Before each order so many guests are in a room, on average. */
const GUESTS_PER_ROOM = 2;

const options = JSON.parse(process.argv[2]);
let delivered = 0;
let now = nowMs();
const people = new People(
  options,
  (text) => component.write(text),
  () => now,
);

const component = await connectComponent({
  ...options,
  onStanza: (stanza) => {
    delivered += 1;
    now = nowMs();
    if (/ to=["']owner-/.test(stanza.text.slice(0, stanza.text.indexOf('>')))) {
      people.takeSeen(stanza);
    }
  },
});

for (let number = 0; number < options.rooms; number += 1) {
  now = nowMs();
  people.fill(number);
  await waitWhile(() => people.awaitedCount > ROOMS_AT_ONCE * options.people, 60_000);
}
await waitWhile(() => people.awaitedCount > 0, 60_000);

process.on('message', async ({ rate, seconds }) => {
  now = nowMs();
  people.forgetLost();
  people.thin(GUESTS_PER_ROOM * options.rooms);
  await waitWhile(() => people.awaitedCount > 0, LAST_MS);
  people.seenMs = [];
  people.marks = [];
  const deliveredBefore = delivered;
  const actions = await actFor(rate, seconds);
  const deliveredInTime = delivered - deliveredBefore;
  await waitWhile(() => people.awaitedCount > 0, LAST_MS);
  process.send({
    actions,
    perSecond: deliveredInTime / seconds,
    delivered: delivered - deliveredBefore,
    unseen: people.awaitedCount,
    seenMs: people.seenMs,
    marks: people.marks,
  });
});
process.on('disconnect', () => process.exit());
process.send({ isReady: true });

/** Acts at a steady rate, however long the server takes; resolves with how many actions there were. */
async function actFor(rate, seconds) {
  const startedMs = nowMs();
  let count = 0;
  for (;;) {
    now = nowMs();
    const elapsedMs = Math.min(now - startedMs, seconds * 1_000);
    for (const due = Math.floor((elapsedMs / 1_000) * rate); count < due; count += 1) people.act();
    if (elapsedMs >= seconds * 1_000) return count;
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

async function waitWhile(isTrue, timeoutMs) {
  const deadline = nowMs() + timeoutMs;
  while (isTrue() && nowMs() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}
