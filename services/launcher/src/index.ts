export { ensurePackages } from './debian-packages.js';
export { DEBIAN_PACKAGES, type DebianPackage } from './install-script.js';
export { buildEjabberdConfig, type EjabberdConfigOptions } from './ejabberd-config.js';
export {
  areEjabberdAccountsMade,
  type Command,
  ejabberdCommand,
  type EjabberdFiles,
  writeEjabberdFiles,
} from './ejabberd-files.js';
export type { Announcement } from './announcement.js';
export {
  buildProsodyConfig,
  type ConfiguredSecret,
  luaString,
  type ProsodyConfigOptions,
  type ProsodyPorts,
} from './prosody-config.js';
export { type Account, ensureProsodyAccount, writeProsodyConfig } from './prosody-files.js';
