/** What the operating system said, told by its code and not by the text. */

/**
 * The code of an error of the operating system, e.g. `ENOENT`; undefined for anything else. Looks
 * at the shape and not at the class, which differs between realms.
 */
export function systemErrorCode(error: unknown): string | undefined {
  return typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string'
    ? error.code
    : undefined;
}
