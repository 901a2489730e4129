/** Contract: rooms with their occupants and affiliations, and what may be a name. */
import { expect, test } from '@jest/globals';
import { AWKWARD_NAMES, put, remove, sampleOccupant, sampleRow } from './samples.contract.js';
import type { StoreUnderTest } from './subject.contract.js';

export function describeDetails(subject: () => StoreUnderTest): void {
  test('keeps details over changes of the row, changes them in part, forgets them whole', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const hidden = { nick: 'hidden', role: 'visitor', affiliation: 'outcast' } as const;
    const owner = { bareJid: 'o@localhost', affiliation: 'owner' } as const;
    const member = { bareJid: 'm@localhost', affiliation: 'member' } as const;
    await writer.commit({
      changes: [
        put('a', 2, {
          occupantsPut: [sampleOccupant('x', { role: 'moderator' }), hidden],
          affiliationsPut: [owner, member],
        }),
      ],
    });
    await writer.commit({ changes: [put('a', 5)] });
    const whole = await reader.readRoom('a');
    expect(whole?.row).toEqual(sampleRow('a', 5));
    expect(byName(whole?.occupants)).toEqual(
      byName([sampleOccupant('x', { role: 'moderator' }), hidden]),
    );
    expect(byName(whole?.affiliations)).toEqual(byName([owner, member]));

    await writer.commit({
      changes: [
        put('a', 2, {
          occupantsRemoved: ['x', 'absent'],
          occupantsPut: [sampleOccupant('z')],
          affiliationsRemoved: [member.bareJid],
          affiliationsPut: [{ ...owner, affiliation: 'admin' }],
        }),
      ],
    });
    const changed = await reader.readRoom('a');
    expect(byName(changed?.occupants)).toEqual(byName([hidden, sampleOccupant('z')]));
    expect(changed?.affiliations).toEqual([{ ...owner, affiliation: 'admin' }]);

    await writer.commit({
      changes: [put('a', 1, { isWhole: true, occupantsPut: [sampleOccupant('only')] })],
    });
    expect(await reader.readRoom('a')).toMatchObject({
      occupants: [sampleOccupant('only')],
      affiliations: [],
    });
    await writer.commit({ changes: [remove('a')] });
    await writer.commit({ changes: [put('a', 0)] });
    expect(await reader.readRoom('a')).toMatchObject({ occupants: [], affiliations: [] });
  });

  test('takes any roomId, nick and bare JID as a mere name', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const occupantsPut = AWKWARD_NAMES.map((nick) => sampleOccupant(nick));
    const affiliationsPut = AWKWARD_NAMES.map((name) => ({
      bareJid: `${name}@localhost`,
      affiliation: 'member' as const,
    }));
    await writer.commit({
      changes: AWKWARD_NAMES.map((name) => put(name, 1, { occupantsPut, affiliationsPut })),
    });
    const { rows } = await reader.readSnapshot();
    expect(rows.map((row) => row.roomId).sort()).toEqual([...AWKWARD_NAMES].sort());
    for (const name of AWKWARD_NAMES) {
      const room = await reader.readRoom(name);
      expect(byName(room?.occupants)).toEqual(byName(occupantsPut));
      expect(byName(room?.affiliations)).toEqual(byName(affiliationsPut));
    }
    await writer.commit({ changes: AWKWARD_NAMES.map(remove) });
    expect((await reader.readSnapshot()).rows).toEqual([]);
    expect(await reader.readRoom('__proto__')).toBeUndefined();
  });

  test('is not reached by later changes of the objects that were handed in', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const row = { ...sampleRow('a', 1) };
    const occupant = { ...sampleOccupant('x') };
    await writer.commit({
      changes: [{ kind: 'put', row, details: { occupantsPut: [occupant] } }],
    });
    row.subject = 'changed';
    occupant.nick = 'changed';
    expect(await reader.readRoom('a')).toMatchObject({
      row: { subject: '' },
      occupants: [{ nick: 'x' }],
    });
  });
}

function byName(
  entries: readonly ({ readonly nick: string } | { readonly bareJid: string })[] = [],
): unknown[] {
  const nameOf = (entry: (typeof entries)[number]): string =>
    'nick' in entry ? entry.nick : entry.bareJid;
  return [...entries].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
