import { roomListAnswerSchema } from '@conference/rest-contract';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, jsonOf, LIST, makeRow, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

describe('GET /v1/conference.json', () => {
  test('answers the documented bytes', async () => {
    const { list } = await start({
      rows: [
        makeRow('b|sitea', { name: 'Ünïcode 😀 "quoted"', subject: 's' }),
        makeRow('a|sitea', {
          moderators: 0,
          occupants: 0,
          emptyDate: '2013-01-01T00:00:00.000Z',
        }),
        makeRow('a|siteb'),
      ],
    });
    const reply = await list();
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.headers['content-length']).toBe(String(reply.bytes.length));
    expect(reply.bytes.toString('utf8')).toBe(
      '{"result":"Success","resultCode":200,"message":"","error":[],"data":{"rooms":[' +
        '{"roomId":"a|sitea","name":"a|sitea","admins":0,"creationDate":"2012-06-25T17:21:33.747Z","description":"a|sitea","maxUsers":0,"members":0,"moderators":0,"modificationDate":"2012-06-25T17:21:33.747Z","occupants":0,"outcasts":0,"owners":1,"participants":0,"subject":"","emptyDate":"2013-01-01T00:00:00.000Z"},' +
        '{"roomId":"b|sitea","name":"Ünïcode 😀 \\"quoted\\"","admins":0,"creationDate":"2012-06-25T17:21:33.747Z","description":"b|sitea","maxUsers":0,"members":0,"moderators":1,"modificationDate":"2012-06-25T17:21:33.747Z","occupants":1,"outcasts":0,"owners":1,"participants":0,"subject":"s"}' +
        ']}}',
    );
    expect(roomListAnswerSchema.safeParse(jsonOf(reply)).success).toBe(true);
  });

  test('brings non-ASCII, escaped and very long localparts through', async () => {
    const roomIds = [
      'd\\27artagnan\\40x|sitea',
      'комната|sitea',
      `${'é'.repeat(508)}|sitea`,
      '|sitea',
    ];
    const fixture = await start({ rows: roomIds.map((roomId) => makeRow(roomId)) });
    expect(await fixture.roomIds()).toEqual([...roomIds].sort());
  });

  test('ignores unknown query parameters, also badly encoded ones', async () => {
    const { url, authorization } = await start();
    const reply = await ask(`${url}${LIST}?x=%&y[z]=1`, { headers: { authorization } });
    expect(reply.status).toBe(200);
  });

  test('shows each change: put, renewed, removed', async () => {
    const fixture = await start({ rows: [makeRow('a|sitea')] });
    await fixture.writer.commit({
      changes: [
        { kind: 'put', row: makeRow('b|sitea') },
        { kind: 'remove', roomId: 'a|sitea' },
      ],
    });
    await waitUntil('the change', async () => (await fixture.roomIds()).join() === 'b|sitea');
    await fixture.writer.commit({
      changes: [{ kind: 'put', row: makeRow('b|sitea', { subject: 'new' }) }],
    });
    await waitUntil('the subject', async () => (await fixture.list()).bytes.includes('"new"'));
  });

  test('shows the rooms of all MUC services, by roomId and then by service', async () => {
    const fixture = await start({
      mucServices: ['z.test', 'a.test'],
      rows: [makeRow('same|sitea', { name: 'of z' }), makeRow('b|sitea')],
    });
    await fixture.writers[1]?.commit({
      changes: [{ kind: 'put', row: makeRow('same|sitea', { name: 'of a' }) }],
    });
    const names = async (): Promise<string[]> => {
      const { data } = roomListAnswerSchema.parse(jsonOf(await fixture.list()));
      return data.rooms.map(({ name }) => name);
    };
    await waitUntil('both services', async () => (await names()).length === 3);
    expect(await names()).toEqual(['b|sitea', 'of a', 'of z']);
  });
});
