/** `GET /openapi.json`, and `GET /docs`, a page that shows it and calls nothing outside. */
import { buildOpenApiDocument } from '@conference/rest-contract';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { JSON_TYPE, sendAnswer } from '../answer.js';
import { acceptsGzip, namesEtag } from '../conditional-request.js';
import type { ExchangeHandler } from '../exchange.js';

const API_VERSION = '1.0.0';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Conference: the REST API</title>
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/reference.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** In a file of its own: the page's policy forbids scripts inside it. */
const START_SCRIPT = `Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
});
`;

export function createOpenApiRoute(): ExchangeHandler {
  const body = JSON.stringify(buildOpenApiDocument(API_VERSION));
  return (_request, response) => {
    response.routeName = 'openapi';
    sendAnswer(response, { status: 200, contentType: JSON_TYPE, body });
  };
}

export function createDocsPageRoute(): ExchangeHandler {
  return (_request, response) => {
    response.routeName = 'docs';
    sendAnswer(response, { status: 200, contentType: 'text/html; charset=utf-8', body: PAGE });
  };
}

export function createDocsStartRoute(): ExchangeHandler {
  return (_request, response) => {
    response.routeName = 'docs';
    sendAnswer(response, {
      status: 200,
      contentType: 'text/javascript; charset=utf-8',
      body: START_SCRIPT,
    });
  };
}

interface Script {
  readonly bytes: Buffer;
  readonly compressed: Buffer;
  readonly etag: string;
}

/** The script of the page, megabytes long: read and compressed when somebody first asks. */
export function createDocsScriptRoute(): ExchangeHandler {
  let reading: Promise<Script> | undefined;
  return async (request, response) => {
    response.routeName = 'docs';
    reading ??= readScript();
    const { bytes, compressed, etag } = await reading;
    const isCompressed = acceptsGzip(request.headers['accept-encoding']);
    const own = isCompressed ? `${etag.slice(0, -1)}-gzip"` : etag;
    const isHeld = namesEtag(request.headers['if-none-match'] ?? '', own);
    sendAnswer(response, {
      status: isHeld ? 304 : 200,
      contentType: 'text/javascript; charset=utf-8',
      body: isHeld ? '' : isCompressed ? compressed : bytes,
      headers: [
        'ETag',
        own,
        'Vary',
        'Accept-Encoding',
        ...(isCompressed ? ['Content-Encoding', 'gzip'] : []),
      ],
    });
  };
}

async function readScript(): Promise<Script> {
  const main = createRequire(import.meta.url).resolve('@scalar/api-reference');
  const bytes = await readFile(join(dirname(main), 'browser', 'standalone.js'));
  const hash = createHash('sha256').update(bytes).digest('base64url');
  return { bytes, compressed: await promisify(gzip)(bytes), etag: `"${hash}"` };
}
