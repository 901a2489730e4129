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

  test.each(ofSites)('describes the headers of requests and failures of %s', (path) => {
    const operation = document.paths?.[path]?.get;
    const names = (operation?.parameters ?? []).map(
      (parameter) => 'name' in parameter && parameter.name,
    );
    expect(names).toEqual(['If-None-Match', 'If-Modified-Since', 'Accept-Encoding']);
    for (const [status, header] of [
      ['401', 'WWW-Authenticate'],
      ['405', 'Allow'],
      ['429', 'Retry-After'],
    ] as const) {
      expect(operation?.responses?.[status]).toHaveProperty(['headers', header]);
    }
  });

  test('describes HEAD as GET without bodies', () => {
    for (const { get, head } of Object.values(document.paths ?? {})) {
      expect(Object.keys(head?.responses ?? {})).toEqual(Object.keys(get?.responses ?? {}));
      expect(JSON.stringify(head?.responses)).not.toContain('"content"');
    }
    const all = Object.values(document.paths ?? {}).flatMap(({ get, head }) => [get, head]);
    expect(new Set(all.map((operation) => operation?.operationId)).size).toBe(all.length);
  });

  test('resolves every reference inside itself', () => {
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining(names));
  });
});
