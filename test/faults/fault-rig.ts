/**
 * What every fault is held against: the whole as it runs in production, random traffic in front of
 * it, rooms in which nothing happens, and the server's own word for all of them, asked by somebody
 * who takes no part.
 */
import { expect } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type { RoomRow } from '@conference/muc';
import type { NamedBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { comparable, readRoomTruth, type RoomTruth } from '../support/room-truth.js';
import { expectInvariants } from '../support/row-invariants.js';
import { type Stack, type StackOptions, startStack } from '../support/stack.js';
import { reportMeasured } from './fault-report.js';
import { ListWatch, type SeenList } from './list-watch.js';
import { StillRooms } from './still-rooms.js';
import { Traffic } from './traffic.js';

/** The longest from a fault's end to the true list, in ms. */
const RECOVERY_LIMIT_MS = 2_000;
/** The longest to wait for it, so that a late one is told with its time. */
const RECOVERY_WAIT_MS = 30_000;
/** Between two rounds of questions to the server, in ms: it has others to answer. */
const BETWEEN_TRUTHS_MS = 50;

/** How much of the tracker's log a failure shows. */
const LOG_CHARACTERS = 6_000;

const PEOPLE = ['root', 'anna', 'bert', 'carl'];
const STILL_PEOPLE = ['sten', 'stig'];
/** An admin of the service, and so an owner of every room, who takes no part. */
const JUDGE = 'judge';
const USERS = [...PEOPLE, ...STILL_PEOPLE, JUDGE];
const ROOMS = 26;
/** New rooms that no feed tells of are found once a second, and one room a second is audited. */
const AS_IN_PRODUCTION = { DISCOVERY_INTERVAL_MS: '1000', AUDIT_INTERVAL_MS: '1000' };
/** People who wait for a server that hangs do not give up before it wakes. */
const PATIENCE_MS = 60_000;

/** Set it to repeat what was done in a run. */
export const FAULT_SEED = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 1e6));

export class FaultRig {
  readonly watch: ListWatch;
  readonly still: StillRooms;
  readonly traffic: Traffic;
  readonly #roomIds: Set<string>;
  #judge: ChatClient | undefined;
  /** What the audit has repaired since the beginning, in all trackers. */
  #drift = 0;
  #lastDrift = 0;

  private constructor(
    private readonly backend: NamedBackend,
    readonly stack: Stack,
  ) {
    const { server } = stack;
    const roomIds = Array.from({ length: ROOMS }, (_, room) => `traffic-${room}|site\u00e9`);
    this.watch = new ListWatch(() => stack.fetch('/v1/conference.json'));
    this.still = new StillRooms(stack, (person) => this.connect(STILL_PEOPLE[person] ?? ''));
    this.#roomIds = new Set([...roomIds, ...this.still.roomIds]);
    this.traffic = new Traffic({
      seed: FAULT_SEED,
      // A second session for the second of the people: two may share a nick.
      clients: PEOPLE.length + 1,
      connect: (client) => this.connect(PEOPLE[client] ?? 'anna'),
      roomJids: roomIds.map((roomId) => stack.roomJid(roomId)),
      jids: [
        ...PEOPLE.slice(1).map((user) => `${user}@${server.domain}`),
        'absent@localhost',
        'elsewhere@example.org',
        'example.net',
      ],
      mucService: server.mucService,
    });
  }

  /** Everything started, the list live. */
  static async start(backend: NamedBackend, options: StackOptions = {}): Promise<FaultRig> {
    const stack = await startStack(backend, {
      users: USERS,
      mucAdmins: [JUDGE],
      hasNoTombstones: true,
      ...options,
      trackerEnvironment: { ...AS_IN_PRODUCTION, ...options.trackerEnvironment },
    });
    return new FaultRig(backend, stack);
  }

  /** Logs somebody in who is patient. */
  connect(user: string): Promise<ChatClient> {
    return this.stack.connect(USERS.indexOf(user), undefined, PATIENCE_MS);
  }

  /** A room that the list is held against too, from now on. */
  watchRoom(roomId: string): string {
    this.#roomIds.add(roomId);
    return this.stack.roomJid(roomId);
  }

  /**
   * Lets a fault strike amid traffic. When it is over the traffic rests, and the list must be the
   * truth within 2 s of the fault's end, which is when `fault` resolves.
   * @returns every answer to the question for the list until then, in two parts: those that were
   *   seen before the fault's end, and those that were asked for after it; and when the list was
   *   the truth, by `performance.now()`
   */
  async strike(
    name: string,
    fault: () => Promise<void>,
  ): Promise<{
    during: readonly SeenList[];
    after: readonly SeenList[];
    trueAtMs: number;
  }> {
    this.traffic.resume();
    await this.traffic.go(12);
    await this.still.stand();
    this.watch.forget();
    await fault();
    const endMs = performance.now();
    await this.traffic.pause();
    const trueAtMs = await this.#trueListMs(name, endMs);
    const recoveryMs = trueAtMs - endMs;
    reportMeasured({
      kind: 'recovery',
      backend: this.backend.name,
      fault: name,
      recoveryMs: Math.round(recoveryMs),
    });
    await this.#countDrift();
    const { seen } = this.watch;
    for (const row of seen.at(-1)?.rows.values() ?? []) expectInvariants(row);
    if (recoveryMs > RECOVERY_LIMIT_MS) {
      throw new Error(this.#tell(`${name}: true ${Math.round(recoveryMs)} ms after its end`));
    }
    return {
      during: seen.filter(({ seenAtMs }) => seenAtMs < endMs),
      after: seen.filter(({ askedAtMs }) => askedAtMs >= endMs),
      trueAtMs,
    };
  }

  /** Waits until the last answer is a list with that mark. */
  async untilStale(): Promise<void> {
    await eventually(
      () => this.watch.last?.staleSince,
      (staleSince) => typeof staleSince === 'string',
      { timeoutMs: 20_000, what: 'a list that is marked stale' },
    );
  }

  /** Waits until readiness is denied, and returns its reasons by what they are about. */
  async untilUnready(about: string): Promise<string> {
    return eventually(
      async () => {
        const response = await this.stack.fetch('/readyz');
        const { error = [] } = (await response.json()) as {
          error?: { field: string; message: string }[];
        };
        const reason = error.find(({ field }) => field === about)?.message;
        if (response.status !== 503 || reason === undefined) {
          throw new Error(`${response.status} ${JSON.stringify(error)}`);
        }
        return reason;
      },
      Boolean,
      { timeoutMs: 20_000, what: `a reason of ${about}` },
    );
  }

  async stop(): Promise<void> {
    await this.traffic.pause();
    await this.#countDrift();
    reportMeasured({ kind: 'drift', backend: this.backend.name, count: this.#drift });
    await this.watch.stop();
    await this.stack.stop();
  }

  /** When the list became what the server says and stayed it, by `performance.now()`. */
  async #trueListMs(fault: string, endMs: number): Promise<number> {
    let problem: unknown = 'nothing was compared';
    // From now on: somebody may have waited long for an answer that was lost with the server.
    const lastMs = performance.now() + RECOVERY_WAIT_MS;
    while (performance.now() < lastMs) {
      try {
        await this.#untilLive(endMs);
        const truths = await this.#readTruths();
        const seen = this.watch.seen.filter(({ askedAtMs }) => askedAtMs >= endMs);
        const last = seen.at(-1);
        if (last === undefined) continue;
        expectTrue(last, truths);
        const lastWrong = seen.findLastIndex((answer) => !isTrue(answer, truths));
        return seen[lastWrong + 1]?.seenAtMs ?? last.seenAtMs;
      } catch (error) {
        problem = error;
        if (this.#judge?.session.isOnline !== true) this.#judge = undefined;
        await wait(BETWEEN_TRUTHS_MS);
      }
    }
    throw new Error(this.#tell(`${fault}: not true after ${RECOVERY_WAIT_MS} ms`), {
      cause: problem,
    });
  }

  /** Before that the list cannot be true, and the judge would only keep the server busy. */
  async #untilLive(endMs: number): Promise<void> {
    await eventually(
      () => this.watch.last,
      (last) =>
        last !== undefined &&
        last.askedAtMs >= endMs &&
        last.status === 200 &&
        last.staleSince === null,
      { timeoutMs: RECOVERY_WAIT_MS, what: 'a live list' },
    );
  }

  /** A tracker that was started again counts from zero. */
  async #countDrift(): Promise<void> {
    const count = await this.stack.readCount('conference_tracker_audit_drift_total');
    this.#drift += count < this.#lastDrift ? count : count - this.#lastDrift;
    this.#lastDrift = count;
  }

  #tell(problem: string): string {
    const { tracker, standbys } = this.stack;
    const logs = [tracker, ...standbys].map(({ log }) => log.slice(-LOG_CHARACTERS));
    return `${problem}, FAULT_SEED=${FAULT_SEED}; the tracker said at last:\n${logs.join('\n')}`;
  }

  async #readTruths(): Promise<ReadonlyMap<string, RoomTruth>> {
    const judge = (this.#judge ??= await this.stack.connect(USERS.indexOf(JUDGE)));
    const truths = await Promise.all(
      [...this.#roomIds].map((roomId) =>
        readRoomTruth(
          [judge],
          this.stack.roomJid(roomId),
          this.stack.server,
          this.watch.last?.rows.get(roomId),
        ),
      ),
    );
    return new Map(
      truths.filter((truth) => truth !== undefined).map((truth) => [truth.roomId, truth]),
    );
  }
}

function expectTrue(answer: SeenList, truths: ReadonlyMap<string, RoomTruth>): void {
  expect({ status: answer.status, staleSince: answer.staleSince }).toEqual({
    status: 200,
    staleSince: null,
  });
  expect(new Map([...answer.rows].map(([roomId, row]) => [roomId, comparable(row)]))).toEqual(
    truths,
  );
}

function isTrue(answer: SeenList, truths: ReadonlyMap<string, RoomTruth>): boolean {
  const { status, staleSince, rows } = answer;
  return (
    status === 200 &&
    staleSince === null &&
    rows.size === truths.size &&
    [...rows].every(([roomId, row]) => isSame(row, truths.get(roomId)))
  );
}

function isSame(row: RoomRow, truth: RoomTruth | undefined): boolean {
  const listed = comparable(row);
  return (
    truth !== undefined &&
    (Object.keys(listed) as (keyof RoomTruth)[]).every((key) => listed[key] === truth[key])
  );
}
