/** One state of a list, as bytes that are ready to be sent; nothing of it changes any more. */
import { createHash } from 'node:crypto';
import type { BodyPart } from './body-part.js';
import { assembleGzip, type DeflatedPart } from './gzip-parts.js';

/** Below this many bytes gzip saves no packet. */
const MIN_COMPRESSED_BYTES = 1024;

/** Parts that are compressed at one time: others need Node's few threads too. */
const COMPRESSING_AT_ONCE = 2;

/** The bytes of a list in one encoding. */
export interface ListBody {
  /** To be sent one after the other. */
  readonly buffers: readonly Buffer[];
  readonly byteCount: number;
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
   * a restart and from every facade, since it is cut into the same parts. Each encoding has its
   * own (RFC 9110, 8.8.3.3).
   * @param modifiedAtMs when the list was first seen in this state, in ms since 1970
   */
  constructor(
    private readonly parts: readonly BodyPart[],
    readonly modifiedAtMs: number,
  ) {
    const rendered = parts.map((part) => part.render());
    const digests = Buffer.concat(rendered.map(({ digest }) => digest));
    const hash = createHash('sha256').update(digests).digest('base64url').slice(0, 27);
    this.plain = toBody(
      rendered.map(({ bytes }) => bytes),
      `"${hash}"`,
    );
    this.compressedEtag = `"${hash}-gzip"`;
    if (this.plain.byteCount < MIN_COMPRESSED_BYTES) {
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

  /** Compresses what no version before has compressed, away from the main thread. */
  async compress(): Promise<ListBody> {
    this.#compressed ??= {
      ...toBody(assembleGzip(await this.#deflateParts()), this.compressedEtag),
      contentEncoding: 'gzip',
    };
    return this.#compressed;
  }

  async #deflateParts(): Promise<DeflatedPart[]> {
    const due = this.parts.filter(({ deflated }) => deflated === undefined).values();
    const compressDue = async (): Promise<void> => {
      for (const part of due) {
        await part.deflate();
      }
    };
    await Promise.all(Array.from({ length: COMPRESSING_AT_ONCE }, compressDue));
    const deflated: DeflatedPart[] = [];
    for (const part of this.parts) {
      deflated.push(part.deflated ?? (await part.deflate()));
    }
    return deflated;
  }
}

function toBody(buffers: readonly Buffer[], etag: string): ListBody {
  let byteCount = 0;
  for (const { length } of buffers) {
    byteCount += length;
  }
  return { buffers, byteCount, etag };
}
