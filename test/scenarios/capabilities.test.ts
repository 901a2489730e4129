/** What is told of the server itself, on every backend. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { capabilitiesAnswerSchema } from '@conference/rest-contract';
import { onEachBackend } from '../backends/all-backends.js';
import { xml } from '../support/client-session.js';
import { eventually } from '../support/eventually.js';
import { type Stack, startStack } from '../support/stack.js';

onEachBackend((backend) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(backend);
  }, 60_000);

  afterAll(() => stack.stop(), 30_000);

  /** The one service of the site; undefined while it is not known. */
  async function readService() {
    const response = await stack.fetch('/v1/capabilities.json');
    if (response.status === 503) return undefined;
    const [service] = capabilitiesAnswerSchema.parse(await response.json()).data.services;
    return service;
  }

  type Service = Awaited<ReturnType<typeof readService>>;

  const waitForService = (what: string, isRight: (service: Service) => boolean): Promise<Service> =>
    eventually(readService, isRight, { what });

  /** What the server tells people of itself: a build without a number tells its revision. */
  async function readVersion(): Promise<string | null> {
    const { session } = await stack.connect(0);
    const query = xml('query', { xmlns: 'jabber:iq:version' });
    const answer = await session.request('get', stack.server.domain, query);
    return answer.getChild('query')?.getChildText('version') ?? null;
  }

  const { softwareName, following, creationDate, modificationDate, maxUsers } =
    backend.capabilities;

  test('software, way and beginning of the following are told', async () => {
    const service = await waitForService('the software', (seen) => seen?.software !== undefined);
    expect(service).toMatchObject({ mucService: stack.server.mucService, following });
    expect(service?.software?.name).toBe(softwareName);
    expect(service?.software?.version).toBe(await readVersion());
    expect(Date.parse(service?.followedSince ?? 'never')).toBeLessThanOrEqual(Date.now());
  });

  test('the source of every field is told, once there is a room to judge by', async () => {
    const alice = await stack.connect(0);
    const known = await waitForService('the fields', (seen) => seen !== undefined);
    expect(known?.fields.maxUsers).toBe('unknown');
    await alice.join(stack.roomJid('judged'), 'alice');
    await stack.waitForRow('judged');
    const isJudged = (service: Service): boolean => service?.fields.maxUsers === maxUsers;
    const service = await waitForService('the maximum of users', isJudged);
    expect(service?.fields).toEqual({
      roomId: 'server',
      name: 'server',
      admins: 'server',
      creationDate,
      description: 'server',
      maxUsers,
      members: 'server',
      moderators: 'server',
      modificationDate,
      occupants: 'server',
      outcasts: 'server',
      owners: 'server',
      participants: 'server',
      subject: 'server',
      emptyDate: 'observed',
    });
  });

  test('an interruption ends the following, which then begins anew', async () => {
    const isFollowed = (service: Service): boolean => service?.followedSince !== undefined;
    const before = (await waitForService('the following', isFollowed))?.followedSince ?? '';
    stack.link.refuse();
    stack.link.cut();
    const interrupted = await waitForService(
      'the interruption',
      (service) => service !== undefined && service.followedSince === undefined,
    );
    expect(interrupted).toMatchObject({ following, software: { name: softwareName } });
    stack.link.accept();
    const again = await waitForService('the new beginning', isFollowed);
    expect(Date.parse(again?.followedSince ?? '')).toBeGreaterThan(Date.parse(before));
    expect((await stack.list()).staleSince).toBeUndefined();
  });
});
