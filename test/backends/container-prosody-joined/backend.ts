/** Prosody without our module, in the container of docker-compose.yml. */
import { startContainerProsody } from '../../servers/container-prosody.js';
import { backend as joined, prosodyOptions } from '../prosody-joined/backend.js';
import type { Backend } from '../backend.js';

// The title too: what the server tells must be the same in a container.
export const backend: Backend = {
  ...joined,
  start: (options) => startContainerProsody(prosodyOptions(options, false)),
};
