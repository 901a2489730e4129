/** Puts the facade together, starts it, and stops it in order. */
import { normaliseJidPart } from '@conference/muc';
import type { DependencyStatus, RoomStore } from '@conference/room-store';
import { Lifecycle, type Logger, type Registry } from '@conference/service-runtime';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { Authenticator } from './authenticator.js';
import { CapabilityAnswers } from './capability-answers.js';
import { createCredentialsRefuser } from './credentials-refuser.js';
import { FacadeMetrics } from './facade-metrics.js';
import { FailureLimiter } from './failure-limiter.js';
import { createHttpServer } from './http-server.js';
import { clientAddressOf } from './client-address.js';
import { closeServer, listen } from './listening.js';
import { RoomLists } from './room-lists.js';
import { createCapabilitiesRoute } from './routes/capabilities-route.js';
import {
  createDocsPageRoute,
  createDocsScriptRoute,
  createDocsStartRoute,
  createOpenApiRoute,
} from './routes/docs-routes.js';
import {
  createLivenessRoute,
  createReadinessRoute,
  mergeDependencies,
} from './routes/health-routes.js';
import { createListRoute } from './routes/list-route.js';
import { createMetricsRoute } from './routes/metrics-route.js';
import { ServicePicture, toStatus } from './service-picture.js';
import { SiteDirectory } from './site-directory.js';
import type { FacadeSettings } from './settings.js';
import { StoreReader } from './store-reader.js';
import { TrackerWatch } from './tracker-watch.js';
import { UnsentBodies } from './unsent-bodies.js';

export interface FacadeOptions {
  readonly settings: FacadeSettings;
  /** One for each MUC service; whoever made them closes them, after the facade has stopped. */
  readonly stores: readonly RoomStore[];
  readonly logger: Logger;
  readonly registry: Registry;
}

export interface RunningFacade {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Unready, no new connections, requests in flight finished or cut by a deadline. */
  stop(): Promise<void>;
}

/**
 * Starts the facade; it answers at once, the list with 503 until the stores have been read.
 * Fails with `configuration-invalid` where the file with the sites is unusable or the address
 * cannot be listened on.
 */
export async function startFacade(options: FacadeOptions): Promise<RunningFacade> {
  const { settings, stores, logger, registry } = options;
  const now = Date.now;
  const lifecycle = new Lifecycle(logger, settings.stopTimeoutMs + 2000);
  try {
    const sites = await SiteDirectory.open({
      path: settings.sitesFile,
      mucServices: stores.map(({ mucService }) => normaliseJidPart(mucService)),
      pollMs: settings.sitesPollMs,
      logger,
    });
    lifecycle.onStop('sites', () => sites.stop());

    const metrics = new FacadeMetrics(registry);
    const lists = new RoomLists(now);
    const pictures = stores.map((store) =>
      followStore(store, options, { metrics, lists, lifecycle }),
    );

    let isStopping = false;
    const listDependencies = (): readonly DependencyStatus[] =>
      mergeDependencies([
        toStatus('process', isStopping ? 'it is stopping' : undefined),
        toStatus('sites file', sites.problem),
        ...pictures.flatMap((picture) => picture.listDependencies()),
      ]);

    const authenticator = new Authenticator(sites);
    const refuseCredentials = createCredentialsRefuser({
      limiter: new FailureLimiter({
        failures: settings.authFailures,
        windowMs: settings.authFailureWindowMs,
      }),
      metrics,
      addressOf: clientAddressOf,
    });
    const app = createApp({
      logger,
      trustedProxies: settings.trustedProxies,
      routes: {
        list: createListRoute({
          ...{ authenticator, pictures, lists, now, refuseCredentials },
          unsent: new UnsentBodies(settings.maxLeftBehindBytes),
        }),
        capabilities: createCapabilitiesRoute({
          authenticator,
          answers: new CapabilityAnswers(pictures, now),
          now,
          refuseCredentials,
        }),
        livez: createLivenessRoute(),
        readyz: createReadinessRoute(listDependencies),
        metrics: createMetricsRoute(registry, pictures),
        openApi: createOpenApiRoute(),
        docsPage: createDocsPageRoute(),
        docsStart: createDocsStartRoute(),
        docsScript: createDocsScriptRoute(),
      },
    });
    const server = createHttpServer({ app, settings, logger, metrics });
    metrics.watch({
      mucServices: pictures.map(({ mucService }) => mucService),
      countsOf: (mucService) => lists.countsOf(mucService),
      staleSinceMs: (name) => pictures.find(({ mucService }) => mucService === name)?.staleSinceMs,
      countConnections: () =>
        new Promise((resolve) => server.getConnections((_error, count) => resolve(count ?? 0))),
      countSites: () => [...sites.all()].length,
      now,
    });
    await listen(server, settings.host, settings.port);
    lifecycle.onStop('http', () => closeServer(server, settings.stopTimeoutMs));
    lifecycle.onStop('readiness', () => {
      isStopping = true;
    });
    const url = urlOf(server.address() as AddressInfo);
    logger.info({ url }, 'the facade listens');
    return { url, stop: () => lifecycle.stop() };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

interface StoreFollowing {
  readonly metrics: FacadeMetrics;
  readonly lists: RoomLists;
  readonly lifecycle: Lifecycle;
}

function followStore(
  store: RoomStore,
  { settings, logger }: FacadeOptions,
  { metrics, lists, lifecycle }: StoreFollowing,
): ServicePicture {
  const mucService = normaliseJidPart(store.mucService);
  const ownLogger = logger.child({ mucService });
  const reader = new StoreReader({
    store,
    lists,
    logger: ownLogger,
    onVisible: (observedAtMs) => metrics.recordLag(Date.now() - observedAtMs),
    onEntry: () => watch.noteAlive(),
    now: Date.now,
  });
  const watch = new TrackerWatch({
    store,
    logger: ownLogger,
    intervalMs: settings.reportIntervalMs,
    maxAgeMs: settings.reportMaxAgeMs,
    now: Date.now,
  });
  reader.start();
  watch.start();
  lifecycle.onStop(`store ${mucService}`, async () => {
    await Promise.all([reader.stop(), watch.stop()]);
  });
  return new ServicePicture(reader, watch);
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
