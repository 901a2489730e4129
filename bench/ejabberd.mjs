/** A real ejabberd with the configuration that `up` writes, and beside it the crowd's component. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ejabberdCommand, writeEjabberdFiles } from '@conference/launcher';
import { findFreePorts } from './processes.mjs';
import { CROWD_DOMAIN, DOMAINS, startServerProcess } from './server-process.mjs';

/** @param {import('./processes.mjs').Cleanup} cleanup */
export async function startEjabberd(cleanup) {
  const directory = cleanup.makeDirectory();
  const [c2s, component, websocket, crowdPort] = await findFreePorts(4);
  const componentSecret = randomBytes(16).toString('hex');
  const files = {
    configFile: join(directory, 'ejabberd.yml'),
    accountsFile: join(directory, 'accounts'),
    dataDir: join(directory, 'data'),
  };
  writeEjabberdFiles(
    files,
    { interface: '127.0.0.1', ports: { c2s, component, websocket }, ...DOMAINS, componentSecret },
    [],
  );
  // One listener for each component: with several on one, answers go to the wrong one.
  const crowdListener = `
  - port: ${crowdPort}
    ip: "127.0.0.1"
    module: ejabberd_service
    hosts:
      "${CROWD_DOMAIN}":
        password: "${componentSecret}"`;
  const config = readFileSync(files.configFile, 'utf8');
  writeFileSync(files.configFile, config.replace('\nlisten:', `\nlisten:${crowdListener}`));
  const server = await startServerProcess(cleanup, {
    name: 'ejabberd',
    ...ejabberdCommand(files),
    ports: [c2s, component, crowdPort],
  });
  return {
    ...server,
    ...DOMAINS,
    c2sPort: c2s,
    componentPort: component,
    componentSecret,
    crowdDomain: CROWD_DOMAIN,
    crowdPort,
  };
}
