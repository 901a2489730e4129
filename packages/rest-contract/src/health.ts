/** The answers of the two health addresses. */
import { z } from 'zod';
import { successEnvelopeSchema } from './envelope.js';

/** `GET /livez`: the process answers. */
export const livenessAnswerSchema = successEnvelopeSchema(
  z.strictObject({ status: z.literal('live') }),
).meta({ id: 'Liveness' });

/** `GET /readyz` when everything is ready; else it is a failure with one entry for each that is not. */
export const readinessAnswerSchema = successEnvelopeSchema(
  z.strictObject({
    status: z.literal('ready'),
    dependencies: z.array(z.string()).describe('The name of everything this service depends on.'),
  }),
).meta({ id: 'Readiness' });
