import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createGunzip, gunzipSync } from 'node:zlib';
import { assembleGzip, deflatePart } from './gzip-parts.js';

async function zip(parts: readonly Uint8Array[]): Promise<Buffer> {
  return Buffer.concat(
    assembleGzip(await Promise.all(parts.map((part) => deflatePart(Buffer.from(part))))),
  );
}

describe('a gzip body out of parts', () => {
  test('unzips to the parts one after the other, none and empty ones included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 }),
        async (parts) => {
          expect(gunzipSync(await zip(parts))).toEqual(Buffer.concat(parts));
        },
      ),
    );
  });

  test('is one member: nothing is left for a client that stops after the first', async () => {
    const zipped = await zip([Buffer.alloc(100_000, 'a'), Buffer.from('b')]);
    const gunzip = createGunzip();
    const read: Buffer[] = [];
    gunzip.on('data', (chunk: Buffer) => read.push(chunk));
    await new Promise((resolve, reject) =>
      gunzip.once('end', resolve).once('error', reject).end(zipped),
    );
    expect(Buffer.concat(read).length).toBe(100_001);
    expect(gunzip.bytesWritten).toBe(zipped.length);
    expect(countMembers(zipped)).toBe(1);
  });

  test('has the length and the CRC of the whole at its end', async () => {
    const zipped = await zip([Buffer.from('123'), Buffer.from('456789')]);
    expect(zipped.readUInt32LE(zipped.length - 4)).toBe(9);
    // The check value that every description of CRC-32 gives for "123456789".
    expect(zipped.readUInt32LE(zipped.length - 8)).toBe(0xcbf43926);
  });
});

/** By the heads that the bodies here have; they do not occur in what is compressed. */
function countMembers(zipped: Buffer): number {
  let count = 0;
  for (let at = zipped.indexOf('\x1f\x8b\x08', 0, 'latin1'); at !== -1; count += 1) {
    at = zipped.indexOf('\x1f\x8b\x08', at + 1, 'latin1');
  }
  return count;
}
