import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applyRoomEvent, Room } from '@conference/muc';
import type { Occupant, RoomEvent } from '@conference/muc';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { eventually } from '../../../../test/support/eventually.js';
import { readCount } from '../../../../test/support/metric.js';
import type { RoomPart } from '../room-feed.js';
import { createTrackerMetrics } from '../tracker-metrics.js';
import { RoomAudit } from './room-audit.js';

/** The rooms as they are known. */
let rooms: Map<string, Room>;
/** Who is in each room, as the server says. */
let truth: Map<string, string[]>;
/** Rooms that were asked for, in order. */
let inspected: string[];
let readAgain: string[];
/** Called when the server has been asked and has not answered yet; the number of the question. */
let beforeAnswer: (question: number) => void;
let isIdle: boolean;
/** How often it was asked whether there is time. */
let idleQuestions: number;
let audit: RoomAudit;
const registry = createMetricsRegistry();
const metrics = createTrackerMetrics(registry)('conference.localhost');

const ANNA: Occupant = { nick: 'anna', role: 'participant', affiliation: 'none' };

function begin(intervalMs = 1): void {
  audit = new RoomAudit({
    feed: {
      inspect: (roomId, onPart) => {
        inspected.push(roomId);
        beforeAnswer(inspected.length);
        const nicks = truth.get(roomId);
        onPart(nicks === undefined ? { kind: 'absent' } : present(nicks));
        return Promise.resolve();
      },
      readAgain: (roomId) => {
        readAgain.push(roomId);
        const nicks = new Set(truth.get(roomId));
        happen(roomId, { kind: 'occupants-confirmed', nicks });
        return Promise.resolve();
      },
    },
    rooms: () => rooms,
    isIdle: () => {
      idleQuestions += 1;
      return isIdle;
    },
    intervalMs,
    confirmAfterMs: 2,
    metrics,
    logger: createSilentLogger(),
  });
  audit.start();
}

function present(nicks: readonly string[]): RoomPart {
  return { kind: 'role', role: 'participant', occupants: nicks.map((nick) => ({ nick })) };
}

function happen(roomId: string, event: RoomEvent): void {
  audit.onRoomEvent(roomId, event);
  const room = rooms.get(roomId);
  if (room !== undefined) applyRoomEvent(room, event, 0);
}

function know(roomId: string, ...occupants: readonly Occupant[]): Room {
  const room = new Room(roomId, 0);
  for (const occupant of occupants) room.putOccupant(occupant);
  rooms.set(roomId, room);
  return room;
}

async function untilInspected(count: number): Promise<void> {
  await eventually(() => inspected.length >= count, Boolean, {
    what: `${count} questions`,
    intervalMs: 2,
  });
}

beforeEach(() => {
  rooms = new Map();
  truth = new Map();
  inspected = [];
  readAgain = [];
  beforeAnswer = () => undefined;
  isIdle = true;
  idleQuestions = 0;
  registry.resetMetrics();
});

afterEach(() => audit.stop());

describe('a room that is not what the server says', () => {
  test('is read again, and what differed is counted once', async () => {
    know('tea', ANNA, { ...ANNA, nick: 'ghost' });
    truth.set('tea', ['anna']);
    begin();
    await untilInspected(6);
    expect(readAgain).toEqual(['tea']);
    expect([...(rooms.get('tea')?.occupants.keys() ?? [])]).toEqual(['anna']);
    expect(await readCount(registry, 'conference_tracker_audit_drift_total')).toBe(1);
  });

  test('is read again where there is no such room at all', async () => {
    know('tea', ANNA);
    begin();
    await untilInspected(2);
    expect(readAgain).toContain('tea');
  });
});

describe('nothing is wrong', () => {
  afterEach(async () => {
    expect(readAgain).toEqual([]);
    expect(await readCount(registry, 'conference_tracker_audit_drift_total')).toBe(0);
  });

  test('where an event says between the two readings what the first was ahead of', async () => {
    know('tea');
    truth.set('tea', ['anna']);
    beforeAnswer = (question) => {
      if (question === 2) happen('tea', { kind: 'occupant-present', occupant: ANNA });
    };
    begin();
    await untilInspected(6);
  });

  test('where somebody comes and goes, though each reading is ahead of it', async () => {
    know('tea');
    truth.set('tea', ['anna']);
    beforeAnswer = () => {
      happen('tea', { kind: 'occupant-present', occupant: ANNA });
      happen('tea', { kind: 'occupant-left', nick: 'anna' });
    };
    begin();
    await untilInspected(20);
  });

  test('where the room was read anew between the two readings', async () => {
    know('tea', ANNA);
    truth.set('tea', []);
    beforeAnswer = (question) => {
      if (question % 2 === 0) know('tea', ANNA);
    };
    begin();
    await untilInspected(20);
  });

  test('where the room has ended between the two readings', async () => {
    know('tea', ANNA);
    beforeAnswer = (question) => {
      if (question === 2) rooms.delete('tea');
    };
    begin();
    await untilInspected(2);
  });
});

describe('the turn of the rooms', () => {
  test('each in its turn, with those that come meanwhile, and those of a new picture', async () => {
    for (const roomId of ['a', 'b', 'c']) know(roomId);
    beforeAnswer = (question) => {
      truth.set(inspected.at(-1) ?? '', []);
      if (question === 2) know('d');
      if (question !== 6) return;
      rooms = new Map();
      know('e');
    };
    begin();
    await untilInspected(8);
    expect(inspected.slice(0, 8)).toEqual(['a', 'b', 'c', 'd', 'a', 'b', 'e', 'e']);
  });

  test('none while others wait', async () => {
    know('tea');
    truth.set('tea', []);
    isIdle = false;
    begin();
    await eventually(
      () => idleQuestions,
      (count) => count > 5,
      { what: 'turns', intervalMs: 2 },
    );
    expect(inspected).toEqual([]);
    isIdle = true;
    await untilInspected(1);
  });

  test('none at all with an interval of 0', async () => {
    know('tea');
    truth.set('tea', []);
    begin(0);
    const never = audit;
    begin(1);
    await untilInspected(5);
    expect(idleQuestions).toBe(inspected.length);
    never.stop();
  });
});
