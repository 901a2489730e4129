/**
 * A gzip body out of parts that were compressed each by itself (RFC 1951 and 1952). One member:
 * several one after the other are valid too, but some clients stop after the first.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib';
import { combineCrc32, shiftOf, type CrcShift } from './crc32-combine.js';

const compress = promisify(deflateRaw);

/** A part of a deflate stream: it ends at a byte, is not the last, and refers to no other part. */
export interface DeflatedPart {
  readonly bytes: Buffer;
  /** Of what was compressed. */
  readonly byteCount: number;
  readonly crc: number;
  readonly crcShift: CrcShift;
}

/** Magic, deflate, no flags, no date, no hint, unknown system: the same on every machine. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** An empty last block. */
const END = deflateRawSync(Buffer.alloc(0));

/** Compresses a part, away from the main thread. */
export async function deflatePart(bytes: Buffer): Promise<DeflatedPart> {
  const deflated = await compress(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  return {
    bytes: deflated,
    byteCount: bytes.length,
    crc: crc32(bytes),
    crcShift: shiftOf(bytes.length),
  };
}

/** The whole body: the given parts in their order, between what gzip wants around them. */
export function assembleGzip(parts: readonly DeflatedPart[]): Buffer[] {
  let crc = 0;
  let byteCount = 0;
  for (const part of parts) {
    crc = combineCrc32(crc, part.crc, part.crcShift);
    byteCount += part.byteCount;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(byteCount % 2 ** 32, 4);
  return [HEADER, ...parts.map(({ bytes }) => bytes), Buffer.concat([END, trailer])];
}
