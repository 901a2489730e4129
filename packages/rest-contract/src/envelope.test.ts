import { describe, expect, test } from '@jest/globals';
import { buildFailure, buildSuccess, failureEnvelopeSchema } from './envelope.js';
import { REST_ERRORS, REST_ERROR_CODES } from './rest-error.js';

describe('the envelope', () => {
  test('of a success has the documented keys in the documented order', () => {
    expect(JSON.stringify(buildSuccess({ rooms: [] }))).toBe(
      '{"result":"Success","resultCode":200,"message":"","error":[],"data":{"rooms":[]}}',
    );
  });

  test.each(REST_ERROR_CODES)('of %s is valid, and repeats the HTTP status', (code) => {
    const envelope = buildFailure(code);
    expect(failureEnvelopeSchema.parse(envelope)).toEqual(envelope);
    expect(Object.keys(envelope)).toEqual(['result', 'resultCode', 'message', 'error', 'data']);
    expect(envelope.resultCode).toBe(REST_ERRORS[code].status);
    expect(envelope.error).toEqual([{ code, message: REST_ERRORS[code].message }]);
  });

  test('of a failure names each thing that is wrong', () => {
    const entries = [{ field: 'store', message: 'away' }, { message: 'stopping' }];
    expect(JSON.stringify(buildFailure('not-ready', entries).error)).toBe(
      '[{"code":"not-ready","message":"away","field":"store"},{"code":"not-ready","message":"stopping"}]',
    );
  });
});
