/**
 * Writes the configurations for the images of Prosody and Redis, without any secret: those come
 * at the start of a container. Run while the images are built, with the target folder.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOMAINS } from './up-context.js';
import { buildProsodyConfig } from './prosody-config.js';
import { buildRedisConfig } from './redis-config.js';

/** Where the Dockerfile puts the project's modules for Prosody. */
const MODULE_DIR = '/usr/local/lib/conference/prosody';
const EVERYWHERE = ['*'];
const [targetDir = '.'] = process.argv.slice(2);

writeFileSync(
  join(targetDir, 'prosody.cfg.lua'),
  buildProsodyConfig({
    interfaces: EVERYWHERE,
    ports: { c2s: 5222, component: 5347, websocket: 5280 },
    dataDir: '/data',
    ...DOMAINS,
    componentSecret: { environmentVariable: 'XMPP_COMPONENT_SECRET' },
    isRoot: false,
    // A tracker that joins rooms all the same asks it nothing, and then it does nothing.
    feedModuleDir: MODULE_DIR,
  }),
);
writeFileSync(
  join(targetDir, 'redis.conf'),
  buildRedisConfig({ interfaces: EVERYWHERE, port: 6379, dataDir: '/data' }),
);
