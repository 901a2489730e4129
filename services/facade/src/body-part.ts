/** A part of a body: its bytes, their digest, and their compressed form, each made once. */
import { createHash } from 'node:crypto';
import { deflatePart, type DeflatedPart } from './gzip-parts.js';

/** Bytes, and the SHA-256 of them. */
interface RenderedPart {
  readonly bytes: Buffer;
  readonly digest: Buffer;
}

export class BodyPart {
  #rendered: RenderedPart | undefined;
  #deflated: DeflatedPart | undefined;
  #deflating: Promise<DeflatedPart> | undefined;

  /** @param makeText called once, when the bytes are first asked for */
  constructor(private readonly makeText: () => string) {}

  /** Whether the bytes are there; making them takes time in proportion to the part. */
  get isRendered(): boolean {
    return this.#rendered !== undefined;
  }

  /** The bytes and their digest, made at the first call. */
  render(): RenderedPart {
    if (!this.#rendered) {
      const bytes = Buffer.from(this.makeText());
      this.#rendered = { bytes, digest: createHash('sha256').update(bytes).digest() };
    }
    return this.#rendered;
  }

  /** The compressed form once `deflate` has made it. */
  get deflated(): DeflatedPart | undefined {
    return this.#deflated;
  }

  /** Compresses, away from the main thread, once however many ask. */
  deflate(): Promise<DeflatedPart> {
    this.#deflating ??= this.#deflate();
    return this.#deflating;
  }

  async #deflate(): Promise<DeflatedPart> {
    try {
      this.#deflated ??= await deflatePart(this.render().bytes);
      return this.#deflated;
    } finally {
      this.#deflating = undefined;
    }
  }
}
