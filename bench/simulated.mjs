/** The simulated server as a benchmark sees it: started and asked like the real ones. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endProcess, spawnTied } from './processes.mjs';
import { DOMAINS, readCpuMs } from './server-process.mjs';
import { SITE_ID } from './services.mjs';

const MAIN = fileURLToPath(new URL('./simulated-server/main.mjs', import.meta.url));

/**
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ rooms: number, fewRooms?: number, hallOccupants?: number }} options `fewRooms`: how many
 *   of the rooms are those of the benchmark's site; `hallOccupants`: with them there is one room
 *   more, which has the number `rooms`
 */
export async function startSimulatedServer(cleanup, { rooms, fewRooms = 10, hallOccupants = 0 }) {
  const componentSecret = randomBytes(16).toString('hex');
  const options = {
    mucService: DOMAINS.mucService,
    secret: componentSecret,
    count: rooms,
    fewRooms,
    hallOccupants,
    siteId: SITE_ID,
  };
  const child = spawnTied(process.execPath, [MAIN, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  cleanup.add(() => endProcess(child));
  const [{ port }] = await once(child, 'message');
  return {
    ...DOMAINS,
    name: 'simulated server',
    componentPort: port,
    componentSecret,
    cpuMs: () => readCpuMs(child.pid),
    /** Traffic for so long; resolves with how many events there were. */
    async makeTraffic(order) {
      const answer = once(child, 'message');
      child.send(order);
      const [done] = await answer;
      return done;
    },
  };
}
