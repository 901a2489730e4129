/** `GET /livez` and `GET /readyz`. */
import { buildSuccess } from '@conference/rest-contract';
import type { DependencyStatus } from '@conference/room-store';
import { sendFailure, sendJson } from '../answer.js';
import type { ExchangeHandler } from '../exchange.js';

/** Answers as long as the process can answer at all. */
export function createLivenessRoute(): ExchangeHandler {
  return (_request, response) => {
    response.routeName = 'livez';
    sendJson(response, buildSuccess({ status: 'live' }));
  };
}

/** Answers whether everything is ready, and of each dependency that is not, why. */
export function createReadinessRoute(
  listDependencies: () => readonly DependencyStatus[],
): ExchangeHandler {
  return (_request, response) => {
    response.routeName = 'readyz';
    const dependencies = listDependencies();
    const failing = dependencies.filter(({ isReady }) => !isReady);
    if (failing.length > 0) {
      sendFailure(response, 'not-ready', {
        entries: failing.map(({ name, reason }) => ({
          field: name,
          message: reason ?? 'it is not ready',
        })),
      });
      return;
    }
    const names = dependencies.map(({ name }) => name);
    sendJson(response, buildSuccess({ status: 'ready', dependencies: names }));
  };
}

/** Drops repeated dependencies: one tracker reports the same ones to each of its stores. */
export function mergeDependencies(
  dependencies: readonly DependencyStatus[],
): readonly DependencyStatus[] {
  const byName = new Map<string, DependencyStatus>();
  for (const dependency of dependencies) {
    const known = byName.get(dependency.name);
    if (!known || (known.isReady && !dependency.isReady)) {
      byName.set(dependency.name, dependency);
    }
  }
  return [...byName.values()];
}
