import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { combineCrc32, shiftOf } from './crc32-combine.js';

describe('combining CRC-32s', () => {
  test('gives the CRC-32 of the whole, for any two parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
        const whole = Buffer.concat([a, b]);
        expect(combineCrc32(crc32(a), crc32(b), shiftOf(b.length))).toBe(crc32(whole));
      }),
    );
  });

  test.each([0, 1, 255, 65_536, 16_777_213])('holds for a second part of %i bytes', (byteCount) => {
    const [first, second] = [Buffer.from('first'), Buffer.alloc(byteCount, 0xa5)];
    const combined = combineCrc32(crc32(first), crc32(second), shiftOf(byteCount));
    expect(combined).toBe(crc32(Buffer.concat([first, second])));
  });

  test('shifts add up, beyond 32 bits too', () => {
    const far = 2 ** 40 + 12_345;
    const inSteps = combineCrc32(combineCrc32(0xcafe, 0, shiftOf(2 ** 40)), 0, shiftOf(12_345));
    expect(combineCrc32(0xcafe, 0, shiftOf(far))).toBe(inSteps);
  });
});
