/** The OpenAPI 3.1 document, made from the schemas that the tests hold the answers against. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
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
        headers: requestIdHeader,
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
    'Accept-Encoding': z.string().optional().describe('gzip is offered.'),
  }),
};

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
  registry.registerPath({
    method: 'get',
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
  registry.registerPath({
    method: 'get',
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
  registry.registerPath({
    method: 'get',
    path: '/livez',
    operationId: 'checkLiveness',
    summary: 'Whether the process answers',
    responses: { 200: { description: 'It does.', content: json(livenessAnswerSchema) } },
  });
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    operationId: 'checkReadiness',
    summary: 'Whether everything that the service depends on is ready, by name and why',
    responses: {
      200: { description: 'Everything is.', content: json(readinessAnswerSchema) },
      ...failures('not-ready'),
    },
  });
  registry.registerPath({
    method: 'get',
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
