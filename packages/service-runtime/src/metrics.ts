/** Metrics in Prometheus' format. Never label by room: a label's values must stay few. */
import { Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A registry of one service's metrics. */
export function createMetricsRegistry(): Registry {
  return new Registry();
}
