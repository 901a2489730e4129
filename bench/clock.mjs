/** The moment by the machine's monotonic clock, the same for every process, in ms. */
export function nowMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}
