import { describe, expect, test } from '@jest/globals';
import { buildOpenApiDocument } from './openapi.js';
import { REST_ERRORS } from './rest-error.js';

describe('the OpenAPI document', () => {
  const document = buildOpenApiDocument('9.8.7');

  test('is of version 3.1 and names the version of the API', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe('9.8.7');
  });

  test('describes every address', () => {
    expect(Object.keys(document.paths ?? {})).toEqual([
      '/v1/conference.json',
      '/v1/capabilities.json',
      '/livez',
      '/readyz',
      '/metrics',
    ]);
  });

  const ofSites = ['/v1/conference.json', '/v1/capabilities.json'];
  test.each(ofSites)('shows every status that %s can answer with', (path) => {
    const statuses = Object.keys(document.paths?.[path]?.get?.responses ?? {});
    const failing = Object.values(REST_ERRORS).map(({ status }) => String(status));
    expect(statuses).toEqual(
      [...new Set(['200', '304', ...failing])].filter((s) => s !== '404').sort(),
    );
  });

  test('resolves every reference inside itself', () => {
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining(names));
  });
});
