/** What is wrong with the sites as a whole. */
import type { SiteRecord } from './site.js';

/** A site that owns the rooms of a MUC service that is not among those that are listed. */
export interface StraySite {
  readonly siteId: string;
  readonly mucService: string;
}

/** @param mucServices the names of those that are listed, normalised */
export function findStraySites(
  sites: Iterable<Pick<SiteRecord, 'siteId' | 'rooms'>>,
  mucServices: readonly string[],
): StraySite[] {
  return [...sites].flatMap(({ siteId, rooms }) =>
    rooms.by === 'mucService' && !mucServices.includes(rooms.mucService)
      ? [{ siteId, mucService: rooms.mucService }]
      : [],
  );
}

/**
 * Why the sites cannot all be served, as a sentence that names none of them: readiness shows it to
 * anybody. Which they are stands in the log.
 * @param fileProblem why the file is not to be trusted, if it is not
 */
export function describeSitesProblem(
  fileProblem: string | undefined,
  strays: readonly StraySite[],
): string | undefined {
  const who = strays.length === 1 ? 'a site owns' : `${strays.length} sites own`;
  const ofStrays =
    strays.length === 0
      ? undefined
      : `${who} the rooms of a MUC service that MUC_SERVICES does not name (see the log)`;
  const problems = [fileProblem, ofStrays].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : problems.join('; ');
}
