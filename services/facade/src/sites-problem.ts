/** What is wrong with the sites as a whole. */
import type { ServicePicture } from './service-picture.js';
import type { SiteDirectory } from './site-directory.js';

/**
 * Why the sites cannot all be served, as a sentence: the file is unusable, or a site owns the rooms
 * of a MUC service that is not among those that are listed.
 */
export function listSitesProblem(
  sites: Pick<SiteDirectory, 'problem' | 'all'>,
  pictures: readonly Pick<ServicePicture, 'mucService'>[],
): string | undefined {
  const strays: string[] = [];
  for (const { siteId, rooms } of sites.all()) {
    if (
      rooms.by === 'mucService' &&
      !pictures.some(({ mucService }) => mucService === rooms.mucService)
    ) {
      strays.push(`the site ${siteId} owns ${rooms.mucService}, which MUC_SERVICES does not name`);
    }
  }
  const problems = [sites.problem, ...strays].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : problems.join('; ');
}
