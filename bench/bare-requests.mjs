/**
 * The requests of a tracker's cold start and nothing else: the listing, then for each room
 * disco#info, a join, four affiliation lists and the owner's form, so many at a time, every answer
 * awaited and none of them read. Prints a line of JSON when online, and when all is answered.
 *
 * node bench/bare-requests.mjs PORT DOMAIN SECRET MUC_SERVICE PARALLEL
 */
import { openComponent, xml } from './component-session.mjs';

const LISTING = 'http://prosody.im/protocol/muc#destroy';
const COMMANDS = 'http://jabber.org/protocol/commands';
const DISCO = 'http://jabber.org/protocol/disco';
const MUC = 'http://jabber.org/protocol/muc';
const AFFILIATIONS = ['owner', 'admin', 'member', 'outcast'];

const [port, domain, secret, mucService, parallel] = process.argv.slice(2);
const from = `${domain}/conference`;
const component = await openComponent({ port: Number(port), domain, secret });
const say = (event, more = {}) =>
  process.stdout.write(`${JSON.stringify({ event, atMs: Date.now(), ...more })}\n`);

say('online');
const roomJids = await listRooms();
await inParallel(roomJids.flatMap(requestsOf));
say('done', { rooms: roomJids.length, cpuMs: cpuMs() });
await inParallel(roomJids.map((room) => () => component.leave(from, `${room}/conference-tracker`)));
component.close();

async function listRooms() {
  await ask('get', mucService, xml('query', { xmlns: `${DISCO}#items`, node: COMMANDS }));
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
