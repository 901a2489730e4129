/** What a soak measured: a line for each moment, and how much everything grew. Pure. */
import { medianOf, percentileOf } from '../bench/statistics.mjs';

/** In these everything comes to be: code is compiled, the change stream fills. */
export const WARM_UP_MINUTES = 5;
/** How long before the end, and after the first minutes, things are compared. */
const WINDOW_MINUTES = 3;
/** Shorter runs are not judged. */
export const SHORTEST_MINUTES = WARM_UP_MINUTES + 2 * WINDOW_MINUTES;
export const LIMIT = 0.02;

const leastOf = (figures) => Math.min(...figures);
const MIB = 1024 ** 2;

/**
 * Memory is compared by medians. Of what is counted, and comes and goes with each request, the least
 * is compared: what is never given back is in the least too.
 */
const MEASURES = [
  ...['tracker', 'facade'].flatMap((service) => [
    measure(`${service}: held after a collection, MiB`, (s) => s[service].holdingBytes / MIB),
    unjudged(`${service}: of that machine code, MiB`, (s) => s[service].codeBytes / MIB),
    // V8 takes and gives back tens of MiB for garbage as it sees fit.
    unjudged(`${service}: resident set, MiB`, (s) => s[service].rssBytes / MIB),
    measure(`${service}: file descriptors`, (s) => s[service].files, leastOf),
    measure(`${service}: active resources`, (s) => s[service].resources, leastOf),
    measure(`${service}: threads`, (s) => s[service].threads, leastOf),
  ]),
  measure(
    'Redis: used_memory without the change stream, MiB',
    (s) => (s.redis.usedBytes - s.redis.streamBytes) / MIB,
  ),
  measure('Redis: changes in the stream', (s) => s.redis.streamChanges),
  // The more changes came in one commit, the fewer bytes each takes.
  unjudged('Redis: used_memory, MiB', (s) => s.redis.usedBytes / MIB),
  measure('Redis: clients', (s) => s.redis.clients, leastOf),
  // One for each room: the soak itself holds them against the list.
  unjudged('Redis: keys', (s) => s.redis.keys),
  // What else the machine does decides.
  unjudged('lag p50, ms', (s) => percentileOf(s.lagsMs, 0.5)),
];

function measure(name, read, summarise = medianOf) {
  return { name, read, summarise, isJudged: true };
}

function unjudged(name, read) {
  return { ...measure(name, read), isJudged: false };
}

/**
 * Compares the minutes after the warm-up with the last ones.
 * @returns {{ name: string, before: number, after: number, growth: number, isPassed?: boolean }[]}
 *   `growth` as a share; `isPassed` only where it is judged. Empty for a run that was too short.
 */
export function compareGrowth(samples) {
  const endMinutes = samples.at(-1)?.atMinutes ?? 0;
  const first = between(samples, WARM_UP_MINUTES, WARM_UP_MINUTES + WINDOW_MINUTES);
  const last = between(samples, endMinutes - WINDOW_MINUTES, Infinity);
  // The last sample of a run comes a moment before its end.
  if (Math.ceil(endMinutes) < SHORTEST_MINUTES) return [];
  return MEASURES.map(({ name, read, summarise, isJudged }) => {
    const [before, after] = [first, last].map((part) => summarise(part.map(read)));
    const growth = after / before - 1;
    return { name, before, after, growth, ...(isJudged ? { isPassed: growth <= LIMIT } : {}) };
  });
}

function between(samples, fromMinutes, toMinutes) {
  return samples.filter(({ atMinutes }) => atMinutes >= fromMinutes && atMinutes < toMinutes);
}

export const SAMPLE_HEADING =
  'minute  operations  rooms made  tracker MiB: held rss  fds res thr  facade MiB: held rss  ' +
  'fds res thr  Redis MiB: all stream  changes  keys  server rss  CPU %: tracker facade  lag ms: p50 p99';

/** A line for one moment; the lag and the processor time are those since the sample before. */
export function formatSample(sample, previous) {
  const { atMinutes, operations, roomsMade, redis, serverRssBytes, lagsMs, cutMs } = sample;
  const service = ({ holdingBytes, rssBytes, files, resources, threads }) =>
    [mib(holdingBytes, 2), mib(rssBytes), files, resources, threads].join(' ');
  const share = (name) => {
    const ms = sample[name].cpuMs - (previous?.[name].cpuMs ?? 0);
    const minutes = atMinutes - (previous?.atMinutes ?? 0);
    return (ms / (minutes * 600)).toFixed(1);
  };
  return [
    atMinutes.toFixed(2),
    operations,
    roomsMade,
    service(sample.tracker),
    service(sample.facade),
    `${mib(redis.usedBytes, 2)} ${mib(redis.streamBytes, 2)}`,
    redis.streamChanges,
    redis.keys,
    mib(serverRssBytes),
    `${share('tracker')} ${share('facade')}`,
    `${percentileOf(lagsMs, 0.5).toFixed(1)} ${percentileOf(lagsMs, 0.99).toFixed(1)}`,
    ...(cutMs === undefined ? [] : [`list ${Math.round(cutMs)} ms after a cut link`]),
  ].join('  ');
}

function mib(bytes, digits = 1) {
  return (bytes / MIB).toFixed(digits);
}

/** A table of what grew how much. */
export function formatGrowth(rows) {
  const lines = rows.map(({ name, before, after, growth, isPassed }) => {
    const percent = `${(growth * 100).toFixed(2)} %`;
    const verdict = isPassed === undefined ? 'not judged' : isPassed ? 'passed' : 'FAILED';
    return `| ${[name, round(before), round(after), percent, verdict].join(' | ')} |`;
  });
  const minutes = `minutes ${WARM_UP_MINUTES} to ${WARM_UP_MINUTES + WINDOW_MINUTES}`;
  return [
    `| what | ${minutes} | last ${WINDOW_MINUTES} minutes | growth | at most ${LIMIT * 100} % |`,
    '| --- | ---: | ---: | ---: | --- |',
    ...lines,
  ].join('\n');
}

function round(figure) {
  return Number.isInteger(figure) ? String(figure) : figure.toFixed(2);
}
