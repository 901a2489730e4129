/** How long a client waits for the list of its site, asked for again and again. */
import { Agent, get } from 'node:http';
import { nowMs } from './clock.mjs';

const PAUSE_MS = 10;

/**
 * Begins to ask, one request after the other over one connection.
 * @param {{ url: string, authorization: string }} facade
 * @returns {{ end: () => Promise<number[]> }} `end` stops and resolves with the times, in ms
 */
export function measureList({ url, authorization }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const askedMs = nowMs();
      await fetchList(url, { agent, headers: { authorization } });
      times.push(nowMs() - askedMs);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  return {
    async end() {
      isOver = true;
      await asking;
      agent.destroy();
      return times;
    },
  };
}

function fetchList(url, options) {
  return new Promise((resolve, reject) => {
    get(url, options, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    }).on('error', reject);
  });
}
