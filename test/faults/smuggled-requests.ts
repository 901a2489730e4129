/**
 * Requests whose end two readers of HTTP may see in different places, so that a proxy in front of
 * us and we would disagree on which request is whose (RFC 9112, Request Smuggling, 11.2).
 */

export interface Shape {
  readonly what: string;
  /** As latin1. */
  readonly bytes: string;
  /** Of the answers, when a good request to an unknown address follows and closes. */
  readonly statuses: readonly number[];
}

/** Refused, and nothing behind it is answered. */
const REFUSED = [400] as const;
const SMUGGLED = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';

function post(fields: readonly string[], body: string): string {
  const head = ['POST /nowhere HTTP/1.1', 'Host: x', ...fields].join('\r\n');
  return `${head}\r\n\r\n${body}`;
}

const chunked = (body: string): string => post(['Transfer-Encoding: chunked'], body);
const END = '0\r\n\r\n';

const bad = (what: string, bytes: string): Shape => ({ what, bytes, statuses: REFUSED });
const good = (what: string, bytes: string, ...statuses: readonly number[]): Shape => ({
  what,
  bytes,
  statuses: [...statuses, 404],
});

export const SHAPES: readonly Shape[] = [
  bad('a length and an encoding', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], END)),
  bad('an encoding and a length', post(['Transfer-Encoding: chunked', 'Content-Length: 5'], END)),
  bad('two lengths', post(['Content-Length: 0', 'Content-Length: 35'], SMUGGLED)),
  bad('the same length twice', post(['Content-Length: 3', 'Content-Length: 3'], 'abc')),
  ...['3, 3', '+3', '-3', '0x3', '3 3', '3;', '', '\u00b3', '99999999999999999999'].map((length) =>
    bad(`the length ${JSON.stringify(length)}`, post([`Content-Length: ${length}`], 'abc')),
  ),
  ...['xchunked', 'chunked, identity', 'identity', 'chunked\x0b', 'chunked;', '"chunked"'].map(
    (encoding) =>
      bad(
        `the encoding ${JSON.stringify(encoding)}`,
        post([`Transfer-Encoding: ${encoding}`], END),
      ),
  ),
  bad('two encodings', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], END)),
  bad('a space before the colon', post(['Transfer-Encoding : chunked'], END)),
  bad('a space before the first header', `GET / HTTP/1.1\r\n Host: x\r\n\r\n`),
  bad('a folded encoding', post(['Transfer-Encoding:\r\n chunked'], END)),
  bad('a folded header', post(['X: a\r\n b'], '')),
  bad('a header without a colon', post(['Transfer-Encoding chunked'], END)),
  bad('a header without a name', post([': chunked'], END)),
  bad('a name with brackets', post(['X[]: a'], '')),
  bad('a bare CR in a header', post(['X: a\rTransfer-Encoding: chunked'], END)),
  bad('bare LFs', 'POST /nowhere HTTP/1.1\nHost: x\n\n'),
  bad('a bare LF in a header', post(['X: a\nTransfer-Encoding: chunked'], END)),
  bad('NUL in a header', post(['X: a\0b'], '')),
  bad('NUL in the address', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n'),
  bad(
    'an encoding in HTTP/1.0',
    'POST / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
  bad('HTTP/0.9', 'GET /livez\r\n'),
  bad('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  bad('a chunk size past all numbers', chunked(`${'f'.repeat(17)}\r\nabc\r\n${END}`)),
  bad('a chunk size with a prefix', chunked(`0x3\r\nabc\r\n${END}`)),
  bad('a chunk size with a sign', chunked(`-3\r\nabc\r\n${END}`)),
  bad('a chunk longer than it says', chunked(`3\r\nabcd\r\n${END}`)),
  bad('a chunk ended by LF', chunked(`3\nabc\n0\n\n`)),
  bad('LF in the extension of a chunk', chunked(`3;a\nabc\r\n${END}`)),
  bad('trailers with a length', chunked(`3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n`)),
  bad('garbage, and a request behind it', `garbage\r\n\r\n${SMUGGLED}`),
  good('an extension of a chunk', chunked(`3;name=value\r\nabc\r\n${END}`), 404),
  good('a request as a body', post([`Content-Length: ${SMUGGLED.length}`], SMUGGLED), 404),
  good(
    'a request in a chunk',
    chunked(`${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n${END}`),
    404,
  ),
  {
    what: 'an upgrade to HTTP/2, which ends the connection',
    bytes:
      'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
      'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n',
    statuses: [200],
  },
  good('empty lines before a request', `\r\n\r\n${SMUGGLED}`, 200),
];
