/** Puts the tracker together: one connection, and behind it one tracker for each MUC service. */
import { randomUUID } from 'node:crypto';
import { ConferenceError, domainOf, normaliseJidPart } from '@conference/muc';
import type { DependencyStatus, RoomStore } from '@conference/room-store';
import { Lifecycle } from '@conference/service-runtime';
import type { Logger, Registry, RunningService } from '@conference/service-runtime';
import pLimit from 'p-limit';
import { createComponentConnection } from './component-connection.js';
import { ChosenFeed } from './chosen-feed.js';
import { JoinFeed } from './join-feed/join-feed.js';
import { RoomRequests } from './room-requests.js';
import { findServerSoftware } from './server-software.js';
import { ServerFeed } from './server-feed/server-feed.js';
import { ServiceLease } from './service-lease.js';
import { ServiceDescription } from './service-description.js';
import { ServiceTracker } from './service-tracker.js';
import { Tenure } from './tenure.js';
import { checkTrackerSettings, type TrackerSettings } from './settings.js';
import { createTrackerMetrics } from './tracker-metrics.js';
import type { XmppConnection } from './xmpp-connection.js';

export interface TrackerOptions {
  readonly settings: TrackerSettings;
  /** One for each MUC service of the settings. */
  readonly stores: readonly RoomStore[];
  readonly logger: Logger;
  readonly registry: Registry;
}

export interface RunningTracker extends RunningService {
  /** What the tracker depends on, each by name. */
  readiness(): DependencyStatus[];
}

const REPORT_INTERVAL_MS = 1_000;
const STOP_STEP_MS = 4_000;
/** The resource of the tracker's JID: always the same, so that a ghost of ours is known as ours. */
const RESOURCE = 'conference';

/**
 * Starts the tracker. It goes on trying for ever: a server or store that is away is no failure
 * to start. Fails with `configuration-invalid`.
 */
export function startTracker(options: TrackerOptions): Promise<RunningTracker> {
  const { settings, logger, registry } = options;
  checkTrackerSettings(settings);
  const domain = normaliseJidPart(settings.componentDomain);
  const lifecycle = new Lifecycle(logger, STOP_STEP_MS);
  const limit = pLimit(settings.parallelRequests);
  const metricsOf = createTrackerMetrics(registry);

  const connection: XmppConnection = createComponentConnection({
    host: settings.componentHost,
    port: settings.componentPort,
    domain,
    secret: settings.componentSecret,
    logger,
    listener: {
      onOnline: () => {
        for (const service of services) service.onOnline();
      },
      onOffline: () => {
        for (const service of services) service.onOffline();
      },
      onStanza: (stanza) => {
        const sender = domainOf(stanza.attrs['from'] ?? '');
        services.find(({ mucService }) => mucService === sender)?.onStanza(stanza);
      },
    },
  });

  const instance = randomUUID();
  const services: readonly ServiceTracker[] = options.stores.map((store) => {
    const { mucService } = store;
    const serviceLogger = logger.child({ mucService });
    const metrics = metricsOf(mucService);
    const trackerDomains = new Set([domain]);
    const requests = new RoomRequests({
      connection,
      mucService,
      ownJid: `${domain}/${RESOURCE}`,
      trackerDomains,
      timeoutMs: settings.requestTimeoutMs,
      limit,
    });
    const description = new ServiceDescription({
      findSoftware: () => findServerSoftware(requests),
      logger: serviceLogger,
      random: Math.random,
    });
    const shared = {
      requests,
      metrics,
      logger: serviceLogger,
      now: Date.now,
      monotonicMs: () => performance.now(),
      random: Math.random,
    };
    return new ServiceTracker({
      store,
      description,
      onReportDue: () => void report(),
      logger: serviceLogger,
      monotonicMs: () => performance.now(),
      lease: new ServiceLease({
        store,
        tracker: domain,
        instance,
        leaseMs: settings.leaseMs,
        followed: () => services.filter(({ isFollowing }) => isFollowing).length,
        onTrackers: (domains) => {
          for (const other of domains) trackerDomains.add(other);
        },
        logger: serviceLogger,
        monotonicMs: () => performance.now(),
      }),
      createTenure: ({ writer, onFenced }) =>
        new Tenure({
          ...shared,
          store,
          writer,
          onFenced,
          description,
          publishDelayMs: settings.publishDelayMs,
          auditIntervalMs: settings.auditIntervalMs,
          hasWaitingRequests: () => limit.pendingCount > 0,
          onReportDue: () => void report(),
          createFeed: (listener) => {
            const { nick, discoveryIntervalMs } = settings;
            return new ChosenFeed({
              demanded: settings.feed,
              requests,
              listener,
              logger: serviceLogger,
              create: (kind, onUnavailable) =>
                kind === 'feed'
                  ? new ServerFeed({ ...shared, listener, onUnavailable })
                  : new JoinFeed({ ...shared, listener, nick, discoveryIntervalMs }),
            });
          },
        }),
    });
  });
  if (services.length === 0) {
    throw new ConferenceError('configuration-invalid', 'MUC_SERVICES names no service');
  }

  const readiness = (): DependencyStatus[] => [
    connectionReadiness(connection),
    ...services.flatMap((service) => service.readiness()),
  ];
  const report = async (): Promise<void> => {
    for (const service of services) service.updateGauges();
    const status = { dependencies: readiness(), metrics: await registry.metrics() };
    await Promise.all(services.map((service) => service.report(status)));
  };

  lifecycle.onStop('XMPP connection', () => connection.stop());
  for (const service of services) lifecycle.onStop(service.mucService, () => service.stop());
  const reporting = setInterval(() => void report(), REPORT_INTERVAL_MS);
  lifecycle.onStop('reports', () => clearInterval(reporting));

  connection.start();
  void report();
  return Promise.resolve({ readiness, stop: () => lifecycle.stop() });
}

function connectionReadiness({ status }: XmppConnection): DependencyStatus {
  return {
    name: 'XMPP server',
    isReady: status.state === 'online',
    ...(status.state === 'online' ? {} : { reason: status.reason }),
  };
}
