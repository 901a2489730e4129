/** How far the list of one MUC service can be trusted, and why not further. */
import type { DescribedService } from '@conference/rest-contract';
import type { DependencyStatus } from '@conference/room-store';
import type { OwnedRooms } from './site.js';
import { earliest, type StoreReader } from './store-reader.js';
import type { TrackerWatch } from './tracker-watch.js';

type PictureReader = Pick<
  StoreReader,
  'mucService' | 'hasPicture' | 'storeProblem' | 'staleSinceMs' | 'followedSince'
>;
type PictureWatch = Pick<
  TrackerWatch,
  'silentSinceMs' | 'problem' | 'report' | 'waiting' | 'capabilities'
>;

/** What the list of a site is worth at this moment. */
export interface ListTrust {
  /** Whether there is a whole picture of everything that the list needs. */
  readonly isWhole: boolean;
  /** Since when it is not followed, in ms since 1970; undefined while it is. */
  readonly staleSinceMs: number | undefined;
}

export class ServicePicture {
  constructor(
    private readonly reader: PictureReader,
    private readonly watch: PictureWatch,
  ) {}

  get mucService(): string {
    return this.reader.mucService;
  }

  get hasPicture(): boolean {
    return this.reader.hasPicture;
  }

  get staleSinceMs(): number | undefined {
    return earliest(this.reader.staleSinceMs, this.watch.silentSinceMs);
  }

  /** The tracker's figures in Prometheus' text format; empty before its first report. */
  get trackerMetrics(): string {
    return (this.watch.waiting ?? this.watch.report)?.metrics ?? '';
  }

  /** What is known of the MUC service itself; undefined before the tracker has told it. */
  describe(): DescribedService | undefined {
    const { capabilities } = this.watch;
    const isFollowed = this.staleSinceMs === undefined;
    return (
      capabilities && {
        mucService: this.mucService,
        capabilities,
        followedSince: isFollowed ? this.reader.followedSince : undefined,
      }
    );
  }

  /** Everything that this picture depends on, the tracker's own dependencies included. */
  listDependencies(): DependencyStatus[] {
    const { mucService } = this;
    const own = [
      toStatus(`store ${mucService}`, this.reader.storeProblem),
      toStatus(`tracker ${mucService}`, this.watch.problem),
      toStatus(`picture ${mucService}`, this.#pictureProblem()),
    ];
    const said = this.watch.problem === undefined ? this.watch.report : this.watch.waiting;
    const ofTracker = (said?.dependencies ?? []).map((dependency) => ({
      ...dependency,
      name: `tracker: ${dependency.name}`,
    }));
    return [...own, ...ofTracker];
  }

  #pictureProblem(): string | undefined {
    if (!this.hasPicture) {
      return 'the rooms have not all been read yet';
    }
    const { staleSinceMs } = this;
    return staleSinceMs === undefined
      ? undefined
      : `the rooms have not been followed since ${new Date(staleSinceMs).toISOString()}`;
  }
}

/** A dependency that is ready unless there is a problem. */
export function toStatus(name: string, problem: string | undefined): DependencyStatus {
  return problem === undefined
    ? { name, isReady: true }
    : { name, isReady: false, reason: problem };
}

/**
 * What the list of a site is worth: a suffix may occur in every MUC service, so that its list
 * needs them all; a service that nobody follows can never be whole.
 */
export function trustOf(rooms: OwnedRooms, pictures: readonly ServicePicture[]): ListTrust {
  let isFound = false;
  let isWhole = true;
  let staleSinceMs: number | undefined;
  for (const picture of pictures) {
    if (mayHoldRooms(picture, rooms)) {
      isFound = true;
      isWhole &&= picture.hasPicture;
      staleSinceMs = earliest(staleSinceMs, picture.staleSinceMs);
    }
  }
  return { isWhole: isFound && isWhole, staleSinceMs };
}

/** Whether a site may have rooms in a MUC service: with a suffix in every one. */
export function mayHoldRooms(picture: ServicePicture, rooms: OwnedRooms): boolean {
  return rooms.by === 'suffix' || rooms.mucService === picture.mucService;
}
