/** The writer of the Redis store: each call one script, checked against what it saw last. */
import { randomUUID } from 'node:crypto';
import { commitArguments } from './commit-arguments.js';
import { COMMIT_CHANGES } from './lua/commit-changes.js';
import { RELEASE_LEASE, RENEW_LEASE } from './lua/lease-scripts.js';
import { OPEN_WRITER } from './lua/open-writer.js';
import { REPORT_WRITER } from './lua/report-writer.js';
import { claimArguments, holderText } from './redis-lease.js';
import { resetRedisStore } from './redis-reset.js';
import type {
  Commit,
  Cursor,
  LeaseClaim,
  Revision,
  RoomWriter,
  WriterStatus,
} from './room-store.js';
import { runWriterScript, storeLost, type WriterContext } from './writer-scripts.js';

/** Takes the writer's place; fails with `lease-held` where a claim is made in vain. */
export async function openRedisWriter(
  context: WriterContext,
  claim?: LeaseClaim,
): Promise<RoomWriter> {
  const { keys, kept } = context;
  const [epoch, incarnation, revision] = await runWriterScript(
    context,
    OPEN_WRITER,
    [keys.meta, keys.rooms, keys.changes, keys.report, keys.lease],
    [randomUUID(), kept.changes, ...claimArguments(claim), kept.bytes],
  );
  const place = { incarnation: String(incarnation), revision: Number(revision) };
  return new RedisRoomWriter(context, Number(epoch), place, claim);
}

class RedisRoomWriter implements RoomWriter {
  #lastCall: Promise<unknown> = Promise.resolve();
  #commitCount = 0;
  /** The commit whose answer did not come; handed in again, it keeps its id. */
  #unanswered: { readonly commit: Commit; readonly commitId: string } | undefined;
  /** Set while a reset has begun and not ended: what is stored is of no use. */
  #isResetDue = false;

  constructor(
    private readonly context: WriterContext,
    readonly epoch: number,
    /** What this writer saw confirmed last. */
    private place: Cursor,
    private readonly claim: LeaseClaim | undefined,
  ) {}

  commit(commit: Commit): Promise<Revision> {
    return this.#inTurn(() => this.#commit(commit));
  }

  reset(): Promise<Revision> {
    return this.#inTurn(() => this.#reset());
  }

  report(status: WriterStatus): Promise<void> {
    return this.#inTurn(async () => {
      const { meta, rooms, report } = this.context.keys;
      const { dependencies, metrics, capabilities } = status;
      await runWriterScript(
        this.context,
        REPORT_WRITER,
        [meta, rooms, report],
        [
          this.epoch,
          this.place.incarnation,
          this.place.revision,
          JSON.stringify({ dependencies, metrics, capabilities }),
        ],
      );
    });
  }

  /** Not in turn: a reset of many rooms takes longer than a lease. */
  async renewLease(): Promise<void> {
    if (this.claim === undefined) return;
    const { meta, lease } = this.context.keys;
    const args = [this.epoch, holderText(this.claim), this.claim.leaseMs];
    await runWriterScript(this.context, RENEW_LEASE, [meta, lease], args);
  }

  async releaseLease(): Promise<void> {
    if (this.claim === undefined) return;
    const { lease } = this.context.keys;
    await runWriterScript(this.context, RELEASE_LEASE, [lease], [holderText(this.claim)]);
  }

  async #commit(commit: Commit): Promise<Revision> {
    if (this.#isResetDue) {
      throw storeLost();
    }
    const commitId = this.#commitIdOf(commit);
    this.#unanswered = { commit, commitId };
    const { keys, args } = commitArguments(
      this.context.keys,
      {
        epoch: this.epoch,
        incarnation: this.place.incarnation,
        base: this.place.revision,
        commitId,
        kept: this.context.kept,
      },
      commit,
    );
    const [revision] = await runWriterScript(this.context, COMMIT_CHANGES, keys, args);
    this.#unanswered = undefined;
    this.place = { incarnation: this.place.incarnation, revision: Number(revision) };
    return this.place.revision;
  }

  #commitIdOf(commit: Commit): string {
    if (this.#unanswered?.commit === commit) {
      return this.#unanswered.commitId;
    }
    this.#commitCount += 1;
    return `${this.epoch}.${this.#commitCount}`;
  }

  async #reset(): Promise<Revision> {
    this.#isResetDue = true;
    this.#unanswered = undefined;
    this.place = await resetRedisStore(this.context, this.epoch, this.place.revision);
    this.#isResetDue = false;
    return this.place.revision;
  }

  /** One call after another, as each is checked against the answer to the one before. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastCall.then(work, work);
    this.#lastCall = result;
    return result;
  }
}
