/** Stanzas as text: for processes that must not need more processor time than what they measure. */

const STANZA = /<(iq|presence|message)\b[^>]*?(?:\/>|>[\s\S]*?<\/\1>)/y;
const SPACE = /\s*/y;

/**
 * Hands over the whole stanzas at the beginning of a text, in their order.
 * @param {string} text
 * @param {(stanza: { name: 'iq' | 'presence' | 'message', text: string }) => void} onStanza
 * @returns {string} the rest: the beginning of a stanza, or something else
 */
export function takeStanzas(text, onStanza) {
  let end = 0;
  for (;;) {
    SPACE.lastIndex = end;
    SPACE.exec(text);
    STANZA.lastIndex = SPACE.lastIndex;
    const found = STANZA.exec(text);
    if (found === null) return text.slice(end);
    end = STANZA.lastIndex;
    onStanza({ name: found[1], text: found[0] });
  }
}

/** An attribute of a stanza's first element; undefined where it has none of that name. */
export function attributeOf(text, name) {
  const head = text.slice(0, text.indexOf('>'));
  return new RegExp(` ${name}=["']([^"']*)["']`).exec(head)?.[1];
}
