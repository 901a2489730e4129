/**
 * The facade's process under clients that are slow, half there, too many or never read: they cost
 * a bounded amount of memory, and nobody else notices.
 */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { failureEnvelopeSchema } from '@conference/rest-contract';
import { LIST } from '../../services/facade/src/facade.fixture.js';
import { repliesIn } from '../../services/facade/src/raw-replies.fixture.js';
import { eventually } from '../support/eventually.js';
import { RawConnections } from './raw-connections.js';
import {
  ANSWER_TIMEOUT_MS,
  HEADERS_TIMEOUT_MS,
  MAX_CONNECTIONS,
  REQUEST_TIMEOUT_MS,
  RestRig,
} from './rest-rig.js';

/** Some 7 MB of list. */
const ROOMS = 20_000;
const PACE_MS = 200;
/** From a deadline's end until the last of those that it concerns is cut, in ms. */
const CUT_WITHIN_MS = 4_000;

/** Whoever asks for the list all the while, and for the number of connections. */
const BYSTANDERS = 2;

let rig: RestRig;
let clients: RawConnections | undefined;

beforeAll(async () => {
  rig = await RestRig.start(ROOMS);
});

afterEach(() => {
  clients?.cut();
  clients = undefined;
});

afterAll(() => rig.stop());

/** Each connection got one answer, the envelope of that failure. */
function expectFailures(heard: readonly string[], code: string): void {
  for (const text of heard) {
    const replies = repliesIn(text);
    expect(replies).toHaveLength(1);
    const envelope = failureEnvelopeSchema.parse(JSON.parse(replies[0]?.bytes.toString() ?? ''));
    expect(envelope.error[0]?.code).toBe(code);
  }
}

test('1,000 heads that come byte by byte', () =>
  rig.withstand(async () => {
    clients = await RawConnections.open(rig.port, 1_000, {
      says: () => `GET ${LIST} HTTP/1.1\r\nHost: x\r\nX-Slow: `,
    });
    await clients.drip('y', PACE_MS, HEADERS_TIMEOUT_MS + CUT_WITHIN_MS);
    await clients.untilOpen(0, CUT_WITHIN_MS);
    expectFailures(clients.heard, 'request-timeout');
  }));

test('1,000 bodies that come byte by byte', () =>
  rig.withstand(async () => {
    clients = await RawConnections.open(rig.port, 1_000, {
      says: () => rig.head('POST', LIST, 'Transfer-Encoding: chunked'),
    });
    await clients.drip('1\r\ny\r\n', PACE_MS, REQUEST_TIMEOUT_MS + CUT_WITHIN_MS);
    await clients.untilOpen(0, CUT_WITHIN_MS);
    expectFailures(clients.heard, 'request-timeout');
  }));

test('1,000 that have closed their half: amid the head, after it, before it', () =>
  rig.withstand(async () => {
    const said = [
      'GET /livez HTTP/1.1\r\nHost',
      'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n',
      '',
      'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab',
    ];
    clients = await RawConnections.open(rig.port, 1_000, {
      says: (index) => said[index % said.length] ?? '',
    });
    clients.endAll();
    await clients.untilOpen(0, CUT_WITHIN_MS);
    const statuses = clients.heard.map((text) => repliesIn(text).map(({ status }) => status));
    expect(statuses.slice(0, 4)).toEqual([[400], [200], [], [405]]);
    for (const [index, each] of statuses.entries()) expect(each).toEqual(statuses[index % 4]);
  }));

test('10,000 idle connections', () =>
  rig.withstand(async () => {
    clients = await RawConnections.open(rig.port, 10_000);
    await clients.untilOpen(MAX_CONNECTIONS, CUT_WITHIN_MS);
    expect(clients.openCount).toBeGreaterThan(0);
    await clients.untilOpen(0, HEADERS_TIMEOUT_MS + CUT_WITHIN_MS);
  }));

test('10,000 that have asked and stay', () =>
  rig.withstand(async () => {
    clients = await RawConnections.open(rig.port, 10_000, {
      says: () => 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n',
    });
    await clients.untilOpen(MAX_CONNECTIONS, CUT_WITHIN_MS);
    expect(clients.openCount).toBeGreaterThan(MAX_CONNECTIONS / 2);
    expect(await rig.countConnections()).toBeLessThanOrEqual(MAX_CONNECTIONS);
  }));

test('100 that ask for a large list and read nothing, while it changes', () =>
  rig.withstand(async () => {
    const asking: RawConnections[] = [];
    for (let change = 0; change < 20; change += 1) {
      await rig.changeLargeList(change, `change ${change}`);
      const says = (): string => rig.head('GET');
      asking.push(await RawConnections.open(rig.port, 5, { says, isReading: false }));
    }
    await untilCut();
    for (const each of asking) each.cut();
  }));

test('20 that ask 1,000 times at once and read nothing', () =>
  rig.withstand(async () => {
    const asked = 'GET /docs/reference.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000);
    clients = await RawConnections.open(rig.port, 20, { says: () => asked, isReading: false });
    await untilCut();
  }));

/** Nobody who does not read stays. */
async function untilCut(): Promise<void> {
  await eventually(
    () => rig.countConnections(),
    (count) => count <= BYSTANDERS,
    { timeoutMs: ANSWER_TIMEOUT_MS + CUT_WITHIN_MS, what: 'those who do not read to be cut' },
  );
}
