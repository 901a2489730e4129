/** The OpenAPI 3.1 document, made from the schemas that the tests hold the answers against. */
import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type ResponseConfig,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { capabilitiesAnswerSchema } from './capabilities.js';
import { failureEnvelopeSchema } from './envelope.js';
import { livenessAnswerSchema, readinessAnswerSchema } from './health.js';
import { REST_ERRORS, type RestErrorCode } from './rest-error.js';
import { roomListAnswerSchema } from './room-list.js';

/** Header of a list that is being served though it is not followed at the moment: an ISO 8601 date. */
export const STALE_SINCE_HEADER = 'Conference-Stale-Since';

/** Header that every answer carries, for finding the request in the log. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const text = { type: 'string' } as const;

const requestIdHeader = {
  [REQUEST_ID_HEADER]: { description: 'Leads to the log.', schema: text },
};

/** What some failures carry besides, by their status. */
const FAILURE_HEADERS: Readonly<Record<number, object>> = {
  401: {
    'WWW-Authenticate': { description: 'Always `Basic`, with a realm and UTF-8.', schema: text },
  },
  405: { Allow: { description: 'The methods that this address takes.', schema: text } },
  429: {
    'Retry-After': {
      description: 'Seconds until this address may try again.',
      schema: { type: 'integer', minimum: 0 },
    },
  },
};

/** The answers for some failures; codes that share a status share an answer. */
function failures(...codes: RestErrorCode[]) {
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const { status, message } = REST_ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${message}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      {
        description: lines.join('\n'),
        headers: { ...requestIdHeader, ...FAILURE_HEADERS[status] },
        content: json(failureEnvelopeSchema),
      },
    ]),
  );
}

/** What can go wrong with every request for something that is a site's own. */
const SITE_FAILURES = [
  'request-malformed',
  'credentials-invalid',
  'method-not-allowed',
  'request-timeout',
  'body-too-large',
  'target-too-long',
  'expectation-failed',
  'too-many-failures',
  'headers-too-large',
  'internal-error',
] as const satisfies readonly RestErrorCode[];

const CONDITIONAL_REQUEST = {
  headers: z.object({
    'If-None-Match': z.string().optional().describe('ETags of answers that you hold.'),
    'If-Modified-Since': z
      .string()
      .optional()
      .describe(
        'The Last-Modified of the answer that you hold; other dates prove nothing. Ignored beside If-None-Match.',
      ),
    'Accept-Encoding': z.string().optional().describe('gzip is offered.'),
  }),
};

/** HEAD is described beside GET: the same but for the bodies. */
function registerRead(registry: OpenAPIRegistry, route: Omit<RouteConfig, 'method'>): void {
  registry.registerPath({ ...route, method: 'get' });
  const responses = Object.fromEntries(
    Object.entries(route.responses).map(([status, response]) => {
      const { content: _content, ...withoutBody } = response as ResponseConfig;
      return [status, withoutBody];
    }),
  );
  registry.registerPath({
    ...route,
    method: 'head',
    operationId: `${route.operationId}Head`,
    summary: `${route.summary}: the head of the answer alone`,
    responses,
  });
}

function describePaths(registry: OpenAPIRegistry): void {
  const basic = registry.registerComponent('securitySchemes', 'site', {
    type: 'http',
    scheme: 'basic',
    description: 'User: siteId. Password: an apiKey of the site.',
  });
  const versionHeaders = {
    ...requestIdHeader,
    ETag: { description: 'Strong; the same for the same answer everywhere.', schema: text },
    'Last-Modified': { description: 'When this answer was first seen.', schema: text },
  };
  const listHeaders = {
    ...versionHeaders,
    [STALE_SINCE_HEADER]: {
      description: 'Only while the rooms are not being followed: since when, ISO 8601.',
      schema: text,
    },
  };
  registerRead(registry, {
    path: '/v1/conference.json',
    operationId: 'listRooms',
    summary: 'The rooms of a site',
    description:
      'Every room that the site owns, with its metadata and how many occupants and affiliations of each kind it has. The list is a whole and consistent picture; unknown query parameters are ignored.',
    security: [{ [basic.name]: [] }],
    request: CONDITIONAL_REQUEST,
    responses: {
      200: { description: 'The list.', headers: listHeaders, content: json(roomListAnswerSchema) },
      304: { description: 'You hold this list.', headers: listHeaders },
      ...failures(...SITE_FAILURES, 'picture-incomplete'),
    },
  });
  registerRead(registry, {
    path: '/v1/capabilities.json',
    operationId: 'describeServices',
    summary: 'What is known of the MUC services, and what can be',
    description:
      'For each MUC service in which the site may have rooms: its software, how and since when it is followed, and where each field of a room comes from.',
    security: [{ [basic.name]: [] }],
    request: CONDITIONAL_REQUEST,
    responses: {
      200: {
        description: 'The services.',
        headers: versionHeaders,
        content: json(capabilitiesAnswerSchema),
      },
      304: { description: 'You hold this answer.', headers: versionHeaders },
      ...failures(...SITE_FAILURES, 'capabilities-unknown'),
    },
  });
  registerRead(registry, {
    path: '/livez',
    operationId: 'checkLiveness',
    summary: 'Whether the process answers',
    responses: { 200: { description: 'It does.', content: json(livenessAnswerSchema) } },
  });
  registerRead(registry, {
    path: '/readyz',
    operationId: 'checkReadiness',
    summary: 'Whether everything that the service depends on is ready, by name and why',
    responses: {
      200: { description: 'Everything is.', content: json(readinessAnswerSchema) },
      ...failures('not-ready'),
    },
  });
  registerRead(registry, {
    path: '/metrics',
    operationId: 'readMetrics',
    summary: "Figures for Prometheus, the tracker's included",
    responses: {
      200: { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: z.string() } } },
    },
  });
}

/** Builds the document for one version of the API. */
export function buildOpenApiDocument(version: string) {
  const registry = new OpenAPIRegistry();
  describePaths(registry);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Conference',
      version,
      description:
        'Group chat over XMPP, as a REST API. Every answer is one envelope: `result`, `resultCode`, `message`, `error`, `data`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
  });
}
