/**
 * Loaded into a service before its own code (`node --expose-gc --import`): when the benchmark or
 * the soak asks, tells how long the event loop stood still at most since it asked last, and of that
 * how long the longest single garbage collection took, collects the garbage, and answers what the
 * process holds.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';

const RESOLUTION_MS = 5;
let delays = startMonitor();
let longestCollectionMs = 0;

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    longestCollectionMs = Math.max(longestCollectionMs, duration);
  }
}).observe({ entryTypes: ['gc'] });

process.on('message', () => {
  const longestPauseMs = Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
  const collectionMs = longestCollectionMs;
  delays.disable();
  globalThis.gc();
  globalThis.gc();
  const { user, system } = process.cpuUsage();
  process.send({
    ...process.memoryUsage(),
    cpuMs: (user + system) / 1000,
    longestPauseMs,
    longestCollectionMs: collectionMs,
    compiledCode: getHeapSpaceStatistics().find(({ space_name }) => space_name === 'code_space')
      .space_used_size,
    activeResources: process.getActiveResourcesInfo().length,
  });
  // Anew, and after the observer was told, so that the collections above are none of the service.
  setTimeout(() => {
    longestCollectionMs = 0;
    delays = startMonitor();
  }, RESOLUTION_MS);
});
// Without a channel of its own will the service end when it wants to.
process.channel?.unref();

function startMonitor() {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  return monitor;
}
