/** The tables of the benchmark `size`. */
import { medianOf, percentileOf, printHead, printRow } from './statistics.mjs';

const whole = (figure) => Math.round(figure).toLocaleString('en');
const seconds = (ms) => (ms / 1_000).toFixed(2);
const mebibytes = (bytes) => (bytes / 1024 ** 2).toFixed(0);
const holding = ({ heapUsed, external }) => heapUsed + external;

/** From nothing to the whole list. */
export function printCosts(sizes) {
  printHead([...['rooms', 'whole in Redis, s', 'tracker CPU, s', 'facade: from start to list, s']]);
  for (const { name, wholeMs, readCpuMs, facadeMs } of sizes) {
    printRow([name, seconds(wholeMs), seconds(readCpuMs), seconds(facadeMs)]);
  }
  process.stdout.write('\n');
}

/**
 * @param {[object, object]} sizes the smaller and the larger, for what one room more costs
 * @param {number} restSeconds how long nothing had happened when the resident set was looked at
 */
export function printMemory([small, large], restSeconds) {
  printHead(['where', 'bytes per room', `${small.name} rooms, MiB`, `${large.name} rooms, MiB`]);
  const print = (name, read) => {
    const [before, after] = [read(small), read(large)];
    const perRoom = (after - before) / (large.rooms - small.rooms);
    printRow([name, whole(perRoom), mebibytes(before), mebibytes(after)]);
  };
  print('Redis: used_memory', ({ redisBytes }) => redisBytes);
  for (const [name, key] of [
    ['tracker', 'trackerRead'],
    ['facade', 'facadeRead'],
  ]) {
    print(`${name}: heap and buffers`, (size) => holding(size[key]));
    const resident = `${name}: resident set`;
    print(`${resident} after ${restSeconds} s of quiet`, (size) => size[key].nowBytes);
    print(`${resident} at its largest`, (size) => size[key].peakBytes);
  }
  process.stdout.write('\n');
}

/** Events at each rate, and what they cost beside the smallest size. */
export function printEvents(sizes) {
  printHead([
    ...['rooms', 'events/s asked', 'events/s', 'lag ms: p50', 'p99', 'marks'],
    ...['tracker, CPU µs per event', 'of that at 1,000', 'facade, CPU µs per event'],
    ...['list of 10 rooms, ms: p50', 'p99'],
  ]);
  for (const { name, events } of sizes) {
    for (const [index, measured] of events.entries()) {
      const { rate, tookMs, lags, listMs, trackerUs, facadeUs } = measured;
      printRow([
        ...[name, whole(rate), whole((measured.events / tookMs) * 1_000)],
        ...[medianOf(lags), percentileOf(lags, 0.99)].map((ms) => ms.toFixed(1)),
        ...[lags.length, whole(trackerUs)],
        (trackerUs / sizes[0].events[index].trackerUs).toFixed(2),
        whole(facadeUs),
        ...[medianOf(listMs), percentileOf(listMs, 0.99)].map((ms) => ms.toFixed(1)),
      ]);
    }
  }
  process.stdout.write('\n');
}

/**
 * The longest pause of the event loop while everything was read and while events came, and the
 * longest garbage collection in the same time.
 */
export function printPauses(sizes) {
  printHead([
    ...['rooms', 'tracker: longest pause while reading, ms (collection)', 'while events come'],
    ...['facade: while reading', 'while events come'],
  ]);
  for (const { name, trackerRead, trackerLive, facadeRead, facadeLive } of sizes) {
    const measured = [trackerRead, trackerLive, facadeRead, facadeLive];
    const texts = measured.map(
      ({ longestPauseMs, longestCollectionMs }) =>
        `${longestPauseMs.toFixed(0)} (${longestCollectionMs.toFixed(0)})`,
    );
    printRow([name, ...texts]);
  }
  process.stdout.write('\n');
}
