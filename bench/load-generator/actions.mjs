/**
 * What people do, as stanzas, and how often: of 40 actions 16 talk, 9 come, 8 leave, one is kicked,
 * 2 lose their voice, 2 become members, 2 set a subject.
 */
const MUC = 'http://jabber.org/protocol/muc';

/** Kinds of actions in the order in which they are done, again and again. */
export const CYCLE = mixed({
  talk: 16,
  join: 9,
  leave: 8,
  kick: 1,
  voice: 2,
  affiliation: 2,
  subject: 2,
});

export function joinText(from, occupantJid) {
  return (
    `<presence from='${from}' to='${occupantJid}'><x xmlns='${MUC}'>` +
    `<history maxstanzas='0'/></x></presence>`
  );
}

export function leaveText(from, occupantJid) {
  return `<presence from='${from}' to='${occupantJid}' type='unavailable'/>`;
}

export function talkText(from, roomJid, body) {
  return `<message from='${from}' to='${roomJid}' type='groupchat'><body>${body}</body></message>`;
}

export function subjectText(from, roomJid, subject) {
  return (
    `<message from='${from}' to='${roomJid}' type='groupchat'>` +
    `<subject>${subject}</subject></message>`
  );
}

/** Sets a role by nick, or an affiliation by JID. @see XEP-0045, #modifyrole, #modifymember */
export function moderationText(from, roomJid, item) {
  return (
    `<iq type='set' from='${from}' to='${roomJid}' id='m'>` +
    `<query xmlns='${MUC}#admin'><item ${item}/></query></iq>`
  );
}

/** Spreads each kind evenly over the whole. */
function mixed(shares) {
  return Object.entries(shares)
    .flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, index) => ({ kind, at: (index + 0.5) / count })),
    )
    .sort((a, b) => a.at - b.at)
    .map(({ kind }) => kind);
}
