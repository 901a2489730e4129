/**
 * The sites as they stand in the file now. The file is looked at by its identity, size and date:
 * that notices a rename over it, and works on mounts that tell of no changes. A file that becomes
 * unusable changes nothing: the last good one stays, and readiness and the log say so.
 */
import { delay, type Logger } from '@conference/service-runtime';
import { stat } from 'node:fs/promises';
import { normaliseSiteId, type OwnedRooms, type Sites } from './site.js';
import { hasFileCode, readSitesFile, SitesFileError } from './sites-file.js';
import { describeSitesProblem, findStraySites, type StraySite } from './sites-problem.js';

/** A site, ready for answering. */
export interface Site {
  /** Normalised. */
  readonly siteId: string;
  readonly rooms: OwnedRooms;
  readonly keyHashes: readonly Buffer[];
}

export interface SiteDirectoryOptions {
  readonly path: string;
  /** Those that are listed, normalised. */
  readonly mucServices: readonly string[];
  readonly pollMs: number;
  readonly logger: Logger;
}

export class SiteDirectory {
  #sites: ReadonlyMap<string, Site> = new Map();
  #fingerprint: string | undefined;
  #fileProblem: string | undefined;
  #strays: readonly StraySite[] = [];
  readonly #stopping = new AbortController();
  #polling: Promise<void> = Promise.resolve();

  private constructor(private readonly options: SiteDirectoryOptions) {}

  /**
   * Reads the file and goes on watching it. A missing file means: no sites yet.
   * Fails with `configuration-invalid` where there is a file and it is unusable.
   */
  static async open(options: SiteDirectoryOptions): Promise<SiteDirectory> {
    const directory = new SiteDirectory(options);
    directory.#fingerprint = await fingerprintOf(options.path);
    directory.#take(await readSitesFile(options.path));
    directory.#polling = directory.#poll();
    return directory;
  }

  /** The site of that name, however its case; or undefined. */
  find(siteId: string): Site | undefined {
    return this.#sites.get(normaliseSiteId(siteId));
  }

  /** Every site. */
  all(): Iterable<Site> {
    return this.#sites.values();
  }

  /**
   * Why the file is not to be trusted, or its sites cannot all be served, as a sentence; undefined
   * where all is well. Readiness shows it to anybody, so that the path and the siteIds stand in the
   * log alone.
   */
  get problem(): string | undefined {
    return describeSitesProblem(this.#fileProblem, this.#strays);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await delay(this.options.pollMs, signal);
      if (!signal.aborted) {
        await this.#lookAgain();
      }
    }
  }

  async #lookAgain(): Promise<void> {
    const { path, logger } = this.options;
    try {
      const fingerprint = await fingerprintOf(path);
      if (fingerprint === this.#fingerprint) {
        return;
      }
      this.#fingerprint = fingerprint;
      this.#take(await readSitesFile(path));
      logger.info(
        { sites: this.#sites.size },
        'the file with the sites changed and was read again',
      );
    } catch (err) {
      const reason = `the sites file: ${err instanceof SitesFileError ? err.why : 'it cannot be read'}`;
      if (reason !== this.#fileProblem) {
        logger.error({ err, path }, 'the file with the sites is unusable; the last good one stays');
      }
      this.#fileProblem = reason;
    }
  }

  #take(sites: Sites | undefined): void {
    const { logger, path, mucServices } = this.options;
    if (!sites) {
      this.#fileProblem = 'the sites file: there is no such file';
      logger.warn({ path }, 'there is no file with the sites');
      return;
    }
    this.#sites = new Map(
      sites.sites.map(({ siteId, rooms, keys }) => [
        siteId,
        { siteId, rooms, keyHashes: keys.map(({ hash }) => Buffer.from(hash, 'base64url')) },
      ]),
    );
    this.#fileProblem = undefined;
    this.#strays = findStraySites(this.#sites.values(), mucServices);
    for (const stray of this.#strays) {
      logger.warn(stray, 'a site owns the rooms of a MUC service that MUC_SERVICES does not name');
    }
  }
}

/** Taken before the file is read: a change in between is then seen at the next look. */
async function fingerprintOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    if (hasFileCode(error, 'ENOENT')) {
      return 'none';
    }
    throw new SitesFileError(path, 'it cannot be read', error);
  }
}
