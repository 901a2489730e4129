/**
 * People who come into rooms and leave them as fast as it goes, all in text: a client that reads
 * each answer as XML needs as much of the machine as the server that is measured.
 */
import { joinText, leaveText } from './load-generator/actions.mjs';
import { connectComponent } from './load-generator/component-client.mjs';
import { attributeOf } from './stanza-text.mjs';

/** @see XEP-0045, Status Codes, #registrar-statuscodes: this is oneself */
const SELF = /<status [^>]*code=["']110["']/;

/**
 * Connects as the crowd's component, in place of the crowd.
 * @param {Awaited<ReturnType<typeof import('./prosody.mjs').startProsody>>} server or another
 * @param {readonly string[]} roomJids
 * @param {number} people how many come into each room, one after the other; in all rooms at once
 */
export async function openGuests(server, roomJids, people) {
  const awaited = new Map();
  const component = await connectComponent({
    port: server.crowdPort,
    domain: server.crowdDomain,
    secret: server.componentSecret,
    onStanza: ({ name, text }) => {
      if (name !== 'presence' || !SELF.test(text)) return;
      const occupantJid = attributeOf(text, 'from');
      awaited.get(occupantJid)?.();
      awaited.delete(occupantJid);
    },
  });
  const forAll = async (textOf) => {
    const inRoom = async (roomJid, number) => {
      for (let index = 0; index < people; index += 1) {
        const occupantJid = `${roomJid}/nick${index}`;
        const isSeen = new Promise((resolve) => awaited.set(occupantJid, resolve));
        component.write(textOf(`user${index}-${number}@${server.crowdDomain}/bench`, occupantJid));
        await isSeen;
      }
    };
    await Promise.all(roomJids.map(inRoom));
  };
  return {
    /** All come in; resolves when the last one is. */
    joinAll: () => forAll(joinText),
    /** All leave. */
    leaveAll: () => forAll(leaveText),
    close: () => component.close(),
  };
}
