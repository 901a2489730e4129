/** Reads what a registry counts. */
import type { Registry } from '@conference/service-runtime';

/** The sum of a metric over all its labels; fails where there is no such metric. */
export async function readCount(registry: Registry, name: string): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get();
  if (metric === undefined) throw new Error(`no metric ${name}`);
  return metric.values.reduce((sum, { value }) => sum + value, 0);
}
