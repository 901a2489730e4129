/**
 * What every fault is held against: the whole as it runs in production, random traffic in front of
 * it, rooms in which nothing happens, and the server's own word for all of them, asked by somebody
 * who takes no part.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { NamedBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { countDifferences } from '../support/audit-repairs.js';
import { eventually } from '../support/eventually.js';
import { expectInvariants } from '../support/row-invariants.js';
import { type Stack, type StackOptions, startStack } from '../support/stack.js';
import { reportMeasured } from './fault-report.js';
import { expectTrue, isTrue, Judge } from './judge.js';
import { ListWatch, type SeenList } from './list-watch.js';
import { StillRooms } from './still-rooms.js';
import { Traffic } from './traffic.js';
import { type EndTurn, takeTurn } from './turn.js';

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
/** How long something hangs, in ms. */
const HANG_MS = 20_000;
/** By how much slower people and those who watch are, while a fault goes on for long. */
const LINGERING_PACE = 4;
/** People who wait for a server that hangs do not give up before it wakes. */
const PATIENCE_MS = 60_000;

/** Set it to repeat what was done in a run. */
export const FAULT_SEED = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 1e6));

/** What was seen of a fault: every answer to the question for the list until the list was true. */
export interface Struck {
  /** Seen before the fault's end. */
  readonly during: readonly SeenList[];
  /** Asked for after it. */
  readonly after: readonly SeenList[];
  /** When the list was the truth, by `performance.now()`. */
  readonly trueAtMs: number;
}

export class FaultRig {
  readonly watch: ListWatch;
  readonly still: StillRooms;
  readonly traffic: Traffic;
  readonly #roomIds: Set<string>;
  readonly #judge: Judge;
  /** While something starts or recovers here. */
  #endTurn: EndTurn = () => undefined;

  private constructor(
    private readonly backend: NamedBackend,
    readonly stack: Stack,
  ) {
    const { server } = stack;
    const roomIds = Array.from({ length: ROOMS }, (_, room) => `traffic-${room}|site\u00e9`);
    this.watch = new ListWatch(() => stack.fetch('/v1/conference.json'));
    this.still = new StillRooms(stack, (person) => this.connect(STILL_PEOPLE[person] ?? ''));
    this.#roomIds = new Set([...roomIds, ...this.still.roomIds]);
    this.#judge = new Judge(stack, () => stack.connect(USERS.indexOf(JUDGE)));
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
    const endTurn = await takeTurn();
    try {
      const stack = await startStack(backend, {
        users: USERS,
        mucAdmins: [JUDGE],
        hasNoTombstones: true,
        ...options,
        trackerEnvironment: { ...AS_IN_PRODUCTION, ...options.trackerEnvironment },
      });
      return new FaultRig(backend, stack);
    } finally {
      endTurn();
    }
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
   */
  async strike(name: string, fault: () => Promise<void>): Promise<Struck> {
    this.#endTurn = await takeTurn();
    try {
      return await this.#strike(name, fault);
    } finally {
      this.#endTurn();
    }
  }

  /** Within a fault: lets it go on for as long as that takes, with others at work meanwhile. */
  async linger(last: () => Promise<unknown>): Promise<void> {
    const { traffic, watch } = this;
    const [trafficMs, watchMs] = [traffic.paceMs, watch.paceMs];
    this.#endTurn();
    traffic.paceMs *= LINGERING_PACE;
    watch.paceMs *= LINGERING_PACE;
    try {
      await last();
      this.#endTurn = await takeTurn();
    } finally {
      traffic.paceMs = trafficMs;
      watch.paceMs = watchMs;
    }
  }

  /** Within a fault: lets something hang for 20 s. */
  async hang(
    part: { suspend(): void; resume(): void },
    meanwhile: () => Promise<unknown> = () => this.untilStale(),
  ): Promise<void> {
    part.suspend();
    await this.linger(() => Promise.all([meanwhile(), wait(HANG_MS)]));
    part.resume();
  }

  /** Waits until the last answer is a list with that mark. */
  async untilStale(): Promise<void> {
    await eventually(
      () => this.watch.last?.staleSince,
      (staleSince) => typeof staleSince === 'string',
      { timeoutMs: 20_000, what: 'a list that is marked stale' },
    );
  }

  async stop(): Promise<void> {
    await this.traffic.pause();
    const count = countDifferences(this.stack.repairs);
    reportMeasured({ kind: 'drift', backend: this.backend.name, count });
    await this.watch.stop();
    await this.stack.stop();
  }

  async #strike(name: string, fault: () => Promise<void>): Promise<Struck> {
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

  /** When the list became what the server says and stayed it, by `performance.now()`. */
  async #trueListMs(fault: string, endMs: number): Promise<number> {
    let problem: unknown = 'nothing was compared';
    // From now on: somebody may have waited long for an answer that was lost with the server.
    const lastMs = performance.now() + RECOVERY_WAIT_MS;
    while (performance.now() < lastMs) {
      try {
        await this.#untilLive(endMs);
        const truths = await this.#judge.readTruths(this.#roomIds, this.watch.last?.rows);
        const seen = this.watch.seen.filter(({ askedAtMs }) => askedAtMs >= endMs);
        const last = seen.at(-1);
        if (last === undefined) continue;
        expectTrue(last, truths);
        const lastWrong = seen.findLastIndex((answer) => !isTrue(answer, truths));
        return seen[lastWrong + 1]?.seenAtMs ?? last.seenAtMs;
      } catch (error) {
        problem = error;
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

  #tell(problem: string): string {
    const { tracker, standbys } = this.stack;
    const logs = [tracker, ...standbys].map(({ log }) => log.slice(-LOG_CHARACTERS));
    return `${problem}, FAULT_SEED=${FAULT_SEED}; the tracker said at last:\n${logs.join('\n')}`;
  }
}
