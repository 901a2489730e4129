/** The OpenAPI 3.1 document, made from the schemas that the tests hold the answers against. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
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

function describePaths(registry: OpenAPIRegistry): void {
  const basic = registry.registerComponent('securitySchemes', 'site', {
    type: 'http',
    scheme: 'basic',
    description: 'User: siteId. Password: an apiKey of the site.',
  });
  const listHeaders = {
    ...requestIdHeader,
    ETag: { description: 'Strong; the same for the same list everywhere.', schema: text },
    'Last-Modified': { description: 'When this list was first seen.', schema: text },
    [STALE_SINCE_HEADER]: {
      description: 'Only while the list is not being followed: since when, ISO 8601.',
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
    request: {
      headers: z.object({
        'If-None-Match': z.string().optional().describe('ETags of lists that you hold.'),
        'Accept-Encoding': z.string().optional().describe('gzip is offered.'),
      }),
    },
    responses: {
      200: { description: 'The list.', headers: listHeaders, content: json(roomListAnswerSchema) },
      304: { description: 'You hold this list.', headers: listHeaders },
      ...failures(
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
        'picture-incomplete',
      ),
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
