/**
 * Loaded into a service before its own code (`node --expose-gc --import`): when the benchmark asks,
 * tells how long the event loop stood still at most since it asked last, collects the garbage, and
 * answers what the process holds.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
let delays = startMonitor();

process.on('message', () => {
  const longestPauseMs = Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
  delays.disable();
  globalThis.gc();
  globalThis.gc();
  const { user, system } = process.cpuUsage();
  process.send({
    ...process.memoryUsage(),
    cpuMs: (user + system) / 1000,
    longestPauseMs,
  });
  // Anew, so that the collection above is no pause of the service.
  delays = startMonitor();
});
// Without a channel of its own will the service end when it wants to.
process.channel?.unref();

function startMonitor() {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  return monitor;
}
