/**
 * The CRC-32 of bytes from the CRC-32s of their parts (as zlib's `crc32_combine`), without looking
 * at the bytes: polynomials over GF(2) modulo gzip's (RFC 1952, 8), bits reflected, so that the
 * highest bit is the factor of x^0.
 */

const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/** x^(2^n) modulo the polynomial, for n from 0 to 31; they repeat from there. */
const POWERS_OF_X = buildPowers();

/** Moves a CRC past so many bytes; made once for a part, it makes combining cheap. */
export type CrcShift = number;

/** x^(8 × byteCount) modulo the polynomial. @param byteCount at most 2^53 - 1 */
export function shiftOf(byteCount: number): CrcShift {
  let shift = ONE;
  let power = 3;
  for (let rest = byteCount; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      shift = multiply(POWERS_OF_X[power & 31] ?? 0, shift);
    }
    power += 1;
  }
  return shift >>> 0;
}

/** The CRC-32 of two parts, one after the other. @param shift `shiftOf` the second's length */
export function combineCrc32(first: number, second: number, shift: CrcShift): number {
  return (multiply(shift, first) ^ second) >>> 0;
}

/** a × b modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let rest = a; rest !== 0; rest <<= 1) {
    if (rest < 0 || rest >= ONE) {
      product ^= factor;
    }
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product;
}

function buildPowers(): readonly number[] {
  const powers = [0x40000000];
  while (powers.length < 32) {
    const last = powers.at(-1) ?? 0;
    powers.push(multiply(last, last));
  }
  return powers;
}
