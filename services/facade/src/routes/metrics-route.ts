/** `GET /metrics`: our own figures and those that the tracker reported. */
import type { Registry } from '@conference/service-runtime';
import { sendAnswer } from '../answer.js';
import type { ExchangeHandler } from '../exchange.js';
import { mergeMetricsTexts } from '../metrics-text.js';
import type { ServicePicture } from '../service-picture.js';

export function createMetricsRoute(
  registry: Registry,
  pictures: readonly ServicePicture[],
): ExchangeHandler {
  return async (_request, response) => {
    response.routeName = 'metrics';
    const own = await registry.metrics();
    const body = mergeMetricsTexts([own, ...pictures.map((picture) => picture.trackerMetrics)]);
    sendAnswer(response, { status: 200, contentType: registry.contentType, body });
  };
}
