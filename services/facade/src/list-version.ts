/** One state of a list, as bytes that are ready to be sent; nothing of it changes any more. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Below this many bytes gzip saves no packet. */
const MIN_COMPRESSED_BYTES = 1024;

/** The bytes of a list in one encoding. */
export interface ListBody {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly contentEncoding?: 'gzip';
}

export class ListVersion {
  readonly plain: ListBody;
  /** The ETag of the compressed form, known before there is one. */
  readonly compressedEtag: string;
  #compressed: ListBody | undefined;
  #dateMs: number | undefined;
  #dateText = '';

  /**
   * ETags are strong, quoted, and made of the content alone: the same list has the same ETag after
   * a restart and from every facade. Each encoding has its own (RFC 9110, 8.8.3.3).
   * @param modifiedAtMs when the list was first seen in this state, in ms since 1970
   */
  constructor(
    text: string,
    readonly modifiedAtMs: number,
  ) {
    const bytes = Buffer.from(text);
    const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
    this.plain = { bytes, etag: `"${hash}"` };
    this.compressedEtag = `"${hash}-gzip"`;
    if (bytes.length < MIN_COMPRESSED_BYTES) {
      this.compressedEtag = this.plain.etag;
      this.#compressed = this.plain;
    }
  }

  /** The compressed form once `compress` has made it; a short list stays as it is. */
  get compressed(): ListBody | undefined {
    return this.#compressed;
  }

  /** A date as HTTP writes it; of the two that one version can have, the last is remembered. */
  lastModified(dateMs: number): string {
    if (dateMs !== this.#dateMs) {
      this.#dateMs = dateMs;
      this.#dateText = new Date(dateMs).toUTCString();
    }
    return this.#dateText;
  }

  /** Compresses, away from the main thread. */
  async compress(): Promise<ListBody> {
    this.#compressed ??= {
      bytes: await compress(this.plain.bytes),
      etag: this.compressedEtag,
      contentEncoding: 'gzip',
    };
    return this.#compressed;
  }
}
