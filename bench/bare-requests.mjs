/**
 * The requests of a tracker's cold start and nothing else, every answer awaited and none of them
 * read. Prints a line of JSON when online, and when all is answered.
 * - `join`: the listing, then for each room disco#info, a join, four affiliation lists and the
 *   owner's form, so many at a time;
 * - `feed`: a subscription, then the pages of the snapshot, one after the other.
 *
 * node bench/bare-requests.mjs FEED PORT DOMAIN SECRET MUC_SERVICE PARALLEL
 */
import { openComponent, xml } from './component-session.mjs';

const LISTING = 'http://prosody.im/protocol/muc#destroy';
const COMMANDS = 'http://jabber.org/protocol/commands';
const DISCO = 'http://jabber.org/protocol/disco';
const FEED = 'urn:xmpp:conference-feed:1';
const RSM = 'http://jabber.org/protocol/rsm';
const MUC = 'http://jabber.org/protocol/muc';
const AFFILIATIONS = ['owner', 'admin', 'member', 'outcast'];

const [feed, port, domain, secret, mucService, parallel] = process.argv.slice(2);
const from = `${domain}/conference`;
const component = await openComponent({ port: Number(port), domain, secret });
const say = (event, more = {}) =>
  process.stdout.write(`${JSON.stringify({ event, atMs: Date.now(), ...more })}\n`);

say('online');
if (feed === 'feed') await readFeed();
else await joinAll();
component.close();

async function readFeed() {
  await ask('set', mucService, xml('subscribe', { xmlns: FEED }));
  let page = '0';
  let rooms = 0;
  while (page !== null) {
    const answer = await ask('get', mucService, xml('snapshot', { xmlns: FEED, page }));
    const told = answer.getChild('page', FEED);
    page = told.getChildText('next');
    rooms = Number(told.attrs.rooms);
  }
  say('done', { rooms, cpuMs: cpuMs() });
  await ask('set', mucService, xml('unsubscribe', { xmlns: FEED }));
}

async function joinAll() {
  const roomJids = (await hasListingCommand()) ? await listByCommand() : await listByPages();
  await inParallel(roomJids.flatMap(requestsOf));
  say('done', { rooms: roomJids.length, cpuMs: cpuMs() });
  await inParallel(
    roomJids.map((room) => () => component.leave(from, `${room}/conference-tracker`)),
  );
}

async function hasListingCommand() {
  const query = xml('query', { xmlns: `${DISCO}#items`, node: COMMANDS });
  const answer = await ask('get', mucService, query).catch(() => undefined);
  const items = answer?.getChild('query')?.getChildren('item') ?? [];
  return items.some((item) => item.attrs.node === LISTING);
}

async function listByPages() {
  const roomJids = [];
  for (let after = ''; ; after = roomJids.at(-1)) {
    const set = xml(
      'set',
      { xmlns: RSM },
      xml('max', {}, '100'),
      ...(after === '' ? [] : [xml('after', {}, after)]),
    );
    const answer = await ask('get', mucService, xml('query', { xmlns: `${DISCO}#items` }, set));
    const items = answer.getChild('query').getChildren('item');
    if (items.length === 0) return roomJids;
    roomJids.push(...items.map((item) => item.attrs.jid));
  }
}

async function listByCommand() {
  const command = (action, more = {}) =>
    ask('set', mucService, xml('command', { xmlns: COMMANDS, node: LISTING, action, ...more }));
  const answer = (await command('execute')).getChild('command', COMMANDS);
  await command('cancel', { sessionid: answer.attrs.sessionid });
  const fields = answer.getChild('x', 'jabber:x:data').getChildren('field');
  const rooms = fields.find((field) => field.attrs.var === 'rooms');
  return rooms.getChildren('option').map((option) => option.getChildText('value'));
}

function requestsOf(room) {
  return [
    () => ask('get', room, xml('query', { xmlns: `${DISCO}#info` })),
    () => component.join(from, `${room}/conference-tracker`),
    ...AFFILIATIONS.map(
      (affiliation) => () =>
        ask('get', room, xml('query', { xmlns: `${MUC}#admin` }, xml('item', { affiliation }))),
    ),
    () => ask('get', room, xml('query', { xmlns: `${MUC}#owner` })),
  ];
}

function ask(type, to, payload) {
  return component.ask(xml('iq', { type, from, to }, payload));
}

async function inParallel(requests) {
  let next = 0;
  const work = async () => {
    while (next < requests.length) {
      const request = requests[next];
      next += 1;
      await request();
    }
  };
  await Promise.all(Array.from({ length: Number(parallel) }, work));
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
