/** HTTP as it stands on the wire, for tests that cannot leave it to a client. */
import type { Reply } from './facade.fixture.js';

/** The answers in what a connection said, each as a reply. Fails where one broke off. */
export function repliesIn(text: string): Reply[] {
  const replies: Reply[] = [];
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`no whole answer: ${rest.toString()}`);
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString().split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const bodyEnd = end + 4 + Number(headers['content-length'] ?? 0);
    if (bodyEnd > rest.length) throw new Error(`an answer broke off: ${rest.toString()}`);
    replies.push({
      status: Number(statusLine.split(' ')[1]),
      headers,
      bytes: rest.subarray(end + 4, bodyEnd),
    });
    rest = rest.subarray(bodyEnd);
  }
  return replies;
}
