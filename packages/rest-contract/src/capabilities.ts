/** The answer of `GET /v1/capabilities.json`: what is known of the MUC services themselves. */
import {
  FIELD_SOURCES,
  FOLLOWING_KINDS,
  ROOM_ROW_KEYS,
  type FieldSources,
  type ServiceCapabilities,
} from '@conference/muc';
import { z } from 'zod';
import { buildSuccess, successEnvelopeSchema } from './envelope.js';

const fieldSourceSchema = z.enum(FIELD_SOURCES);

const fieldSourcesSchema = z
  .strictObject(
    Object.fromEntries(ROOM_ROW_KEYS.map((key) => [key, fieldSourceSchema])) as Record<
      keyof FieldSources,
      typeof fieldSourceSchema
    >,
  )
  .describe(
    'Where each field of a room comes from: `server`, the MUC service tells it; `observed`, the service does not, and what was seen to happen is told; `unknown`, nobody can know it, and the documented default is told.',
  )
  .meta({ id: 'FieldSources' });

const softwareSchema = z
  .strictObject({
    name: z.string().min(1),
    version: z.string().min(1).optional().describe('As the server writes it.'),
  })
  .meta({ id: 'ServerSoftware' });

const serviceSchema = z
  .strictObject({
    mucService: z.string().min(1).describe('The domain of the MUC service.'),
    software: softwareSchema.optional().describe('What the server says that it runs (XEP-0092).'),
    following: z
      .enum(FOLLOWING_KINDS)
      .describe('`joined`: by being in every room; `fed`: by a feed that the service sends.'),
    followedSince: z.iso
      .datetime({ precision: 3, offset: false })
      .optional()
      .describe('Since when without interruption; absent while interrupted.'),
    fields: fieldSourcesSchema,
  })
  .meta({ id: 'ServiceCapabilities' });

/** The whole answer. */
export const capabilitiesAnswerSchema = successEnvelopeSchema(
  z.strictObject({
    services: z
      .array(serviceSchema)
      .describe('Those in which the site may have rooms, by domain in code unit order.'),
  }),
).meta({ id: 'Capabilities' });

/** What is to be told of one MUC service. */
export interface DescribedService {
  readonly mucService: string;
  readonly capabilities: ServiceCapabilities;
  /** Since when it is followed, ISO 8601; undefined while it is not. */
  readonly followedSince: string | undefined;
}

/** The whole answer as JSON text: the same for the same services, whatever their order. */
export function serialiseCapabilities(services: readonly DescribedService[]): string {
  const sorted = services.toSorted((a, b) => (a.mucService < b.mucService ? -1 : 1));
  return JSON.stringify(buildSuccess({ services: sorted.map(toJson) }));
}

function toJson({ mucService, capabilities, followedSince }: DescribedService) {
  const { software, following, fields } = capabilities;
  return {
    mucService,
    software: software && { name: software.name, version: software.version },
    following,
    followedSince,
    fields: Object.fromEntries(ROOM_ROW_KEYS.map((key) => [key, fields[key]])),
  };
}
