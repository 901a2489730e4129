/** Prosody with our module in it, in the container of docker-compose.yml. */
import { startContainerProsody } from '../../servers/container-prosody.js';
import { backend as fed } from '../prosody-fed/backend.js';
import { prosodyOptions } from '../prosody-joined/backend.js';
import type { Backend } from '../backend.js';

// The title too: what the server tells must be the same in a container.
export const backend: Backend = {
  ...fed,
  start: (options) => startContainerProsody(prosodyOptions(options, true)),
};
