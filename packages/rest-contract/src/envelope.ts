/** The one standard form of every answer: `result, resultCode, message, error, data`. */
import { z } from 'zod';
import { REST_ERRORS, REST_ERROR_CODES, type RestErrorCode } from './rest-error.js';

/** One thing that went wrong. */
export const errorEntrySchema = z
  .strictObject({
    code: z.enum(REST_ERROR_CODES).describe('From the closed list of docs/errors.md.'),
    message: z.string().describe('A sentence for people; never parse it.'),
    field: z.string().optional().describe('What it is about, where it is about one thing.'),
  })
  .meta({ id: 'ErrorEntry' });

export type ErrorEntry = z.infer<typeof errorEntrySchema>;

/** The envelope of a success around the given data. */
export function successEnvelopeSchema<T extends z.ZodType>(data: T) {
  return z.strictObject({
    result: z.literal('Success'),
    resultCode: z.literal(200).describe('The HTTP status.'),
    message: z.literal(''),
    error: z.array(errorEntrySchema).max(0),
    data,
  });
}

/** The envelope of every failure. */
export const failureEnvelopeSchema = z
  .strictObject({
    result: z.literal('Failure'),
    resultCode: z.int().min(400).max(599).describe('The HTTP status.'),
    message: z.string().min(1).describe('A sentence for people; never parse it.'),
    error: z.array(errorEntrySchema).min(1),
    data: z.strictObject({}),
  })
  .meta({ id: 'Failure' });

export type FailureEnvelope = z.infer<typeof failureEnvelopeSchema>;

export interface SuccessEnvelope<T> {
  readonly result: 'Success';
  readonly resultCode: 200;
  readonly message: '';
  readonly error: readonly [];
  readonly data: T;
}

/** Wraps data as a success; `JSON.stringify` keeps the documented order of the keys. */
export function buildSuccess<T>(data: T): SuccessEnvelope<T> {
  return { result: 'Success', resultCode: 200, message: '', error: [], data };
}

/**
 * The envelope of a failure; its status is that of the code.
 * @param entries what went wrong, one by one; without them the code's own sentence stands alone.
 */
export function buildFailure(
  code: RestErrorCode,
  entries: readonly Omit<ErrorEntry, 'code'>[] = [],
): FailureEnvelope {
  const { status, message } = REST_ERRORS[code];
  const error = (entries.length === 0 ? [{ message }] : entries).map((entry) => ({
    code,
    message: entry.message,
    ...(entry.field === undefined ? {} : { field: entry.field }),
  }));
  return { result: 'Failure', resultCode: status, message, error, data: {} };
}
