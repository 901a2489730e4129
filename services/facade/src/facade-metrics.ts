/** The facade's own figures. No label has values that clients or rooms choose. */
import { Counter, Gauge, Histogram, type Registry } from '@conference/service-runtime';
import { REST_ERRORS, type RestErrorCode } from '@conference/rest-contract';
import type { CutReason } from './connections.js';
import type { RouteName } from './exchange.js';

/** What is asked when the figures are read. */
export interface FacadeState {
  readonly mucServices: readonly string[];
  countsOf(mucService: string): { readonly rooms: number; readonly occupants: number };
  /** Since when the picture is not followed, in ms since 1970. */
  staleSinceMs(mucService: string): number | undefined;
  countConnections(): Promise<number>;
  countSites(): number;
  /** The time in ms since 1970. */
  now(): number;
}

export class FacadeMetrics {
  readonly #requests: Counter<'route' | 'status'>;
  readonly #durations: Histogram<'route'>;
  readonly #lag: Histogram;
  readonly #authFailures: Counter;
  readonly #cuts: Counter<'reason'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'conference_facade_requests_total',
      help: 'Requests by the status of their answer; aborted: the client left before there was one.',
      labelNames: ['route', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'conference_facade_request_seconds',
      help: 'From the head of a request to the last byte of its answer.',
      labelNames: ['route'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5],
      registers,
    });
    this.#lag = new Histogram({
      name: 'conference_facade_visible_lag_seconds',
      help: 'From a stanza reaching the tracker to its change being visible here.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.#authFailures = new Counter({
      name: 'conference_facade_auth_failures_total',
      help: 'Requests with wrong credentials.',
      registers,
    });
    this.#cuts = new Counter({
      name: 'conference_facade_connections_cut_total',
      help: 'Connections cut: limit, to make room for another; unread, pipelined: answers were not read.',
      labelNames: ['reason'],
      registers,
    });
  }

  /** Counts an answer and how long it took, from the head to the last byte, in ms. */
  recordAnswer(route: RouteName, status: number, durationMs: number): void {
    this.#requests.inc({ route, status });
    this.#durations.observe({ route }, durationMs / 1000);
  }

  /** Counts a request whose client left before any answer began. */
  countAborted(route: RouteName): void {
    this.#requests.inc({ route, status: 'aborted' });
  }

  /** Counts an answer to something that never became a request. */
  countUnparsed(code: RestErrorCode): void {
    this.#requests.inc({ route: 'unknown', status: REST_ERRORS[code].status });
  }

  countAuthFailure(): void {
    this.#authFailures.inc();
  }

  /** Counts a connection that was cut. */
  countCut(reason: CutReason): void {
    this.#cuts.inc({ reason });
  }

  /** Records that changes became visible. Clocks of two machines may disagree: never below 0. */
  recordLag(lagMs: number): void {
    this.#lag.observe(Math.max(0, lagMs) / 1000);
  }

  /** Declares the figures that are looked up whenever they are read. */
  watch(state: FacadeState): void {
    const perService = (
      name: string,
      help: string,
      valueOf: (mucService: string) => number,
    ): void => {
      const gauge: Gauge<'muc_service'> = new Gauge({
        name,
        help,
        labelNames: ['muc_service'],
        registers: [this.registry],
        collect: () => {
          for (const mucService of state.mucServices) {
            gauge.set({ muc_service: mucService }, valueOf(mucService));
          }
        },
      });
    };
    const plain = (name: string, help: string, valueOf: () => number | Promise<number>): void => {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers: [this.registry],
        collect: async () => {
          gauge.set(await valueOf());
        },
      });
    };
    perService('conference_facade_rooms', 'Rooms.', (name) => state.countsOf(name).rooms);
    perService(
      'conference_facade_occupants',
      'Occupants of all rooms.',
      (name) => state.countsOf(name).occupants,
    );
    perService(
      'conference_facade_stale_seconds',
      'For how long the rooms have not been followed; 0 while they are.',
      (name) => {
        const sinceMs = state.staleSinceMs(name);
        return sinceMs === undefined ? 0 : Math.max(0, state.now() - sinceMs) / 1000;
      },
    );
    plain('conference_facade_sites', 'Sites.', () => state.countSites());
    plain('conference_facade_connections', 'Open connections.', () => state.countConnections());
  }
}
