/**
 * A MUC service that is simulated, as a process of its own, for sizes that no server here can hold.
 * It speaks to one component over a real socket, the feed and the joining protocol both. The one
 * argument is its options as JSON; over the process's channel it says `{ port }` once, takes orders
 * for traffic (`{ rate, seconds, only }`) and answers each with what it did.
 */
import { attributeOf } from '../stanza-text.mjs';
import { listenForComponent } from './component-server.mjs';
import { FeedSide } from './feed-side.mjs';
import { JoinSide } from './join-side.mjs';
import { Rooms } from './rooms.mjs';
import { Traffic } from './traffic.mjs';

const options = JSON.parse(process.argv[2]);
const { mucService, secret } = options;
const rooms = new Rooms(options);
const write = (text) => listener.write(text);
const feed = new FeedSide(rooms, mucService, write);
const joins = new JoinSide(rooms, mucService, write);
const traffic = new Traffic(rooms, [feed, joins]);

const listener = await listenForComponent({
  secret,
  onStanza: ({ name, text }) => {
    if (name === 'presence') joins.takePresence(text);
    else if (name === 'iq') takeQuestion(text);
  },
  onOffline: () => {
    feed.end();
    joins.end();
  },
});

function takeQuestion(text) {
  const [id, from, to, type] = ['id', 'from', 'to', 'type'].map((name) => attributeOf(text, name));
  if (type !== 'get' && type !== 'set') return;
  if (to === from) {
    // The component pings itself by way of the server.
    write(text);
    return;
  }
  const head = `<iq from='${to}' to='${from}' id='${id}'`;
  const reply = (content) => write(`${head} type='result'>${content}</iq>`);
  // The domain above it, which is asked for its software, answers nothing.
  const isAnswered =
    to.endsWith(mucService) &&
    (feed.takeQuestion(text, reply) || joins.takeQuestion(text, to, reply));
  if (isAnswered) return;
  write(
    `${head} type='error'><error type='cancel'><service-unavailable ` +
      `xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
  );
}

process.on('message', async (order) => {
  process.send({ ...(await traffic.run(order)), backlog: listener.backlog() });
});
process.on('disconnect', () => process.exit());
process.send({ port: listener.port });
