/**
 * Loaded into a service before its own code (`node --expose-gc --import`): when the benchmark asks,
 * collects the garbage and answers what the process holds.
 */
process.on('message', () => {
  globalThis.gc();
  globalThis.gc();
  const { user, system } = process.cpuUsage();
  process.send({ ...process.memoryUsage(), cpuMs: (user + system) / 1000 });
});
// Without a channel of its own will the service end when it wants to.
process.channel?.unref();
