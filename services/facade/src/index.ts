export { facadeSettings, type FacadeSettings } from './settings.js';
export { startFacade, type FacadeOptions, type RunningFacade } from './start-facade.js';
export {
  addSiteToFile,
  holdsKey,
  listSitesInFile,
  rotateKeyInFile,
  type AddedSite,
} from './site-registry.js';
