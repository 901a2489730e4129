/**
 * Values by roomId, for very many rooms. V8 copies a Map in one go when it grows, which at half a
 * million entries holds everything else up for 50 to 100 ms; here many small ones grow each by
 * itself.
 */

const PARTS = 64;

export class RoomMap<V> {
  readonly #parts = Array.from({ length: PARTS }, () => new Map<string, V>());

  get size(): number {
    let size = 0;
    for (const part of this.#parts) size += part.size;
    return size;
  }

  get(roomId: string): V | undefined {
    return this.#partOf(roomId).get(roomId);
  }

  has(roomId: string): boolean {
    return this.#partOf(roomId).has(roomId);
  }

  set(roomId: string, value: V): void {
    this.#partOf(roomId).set(roomId, value);
  }

  /** Returns whether there was one. */
  delete(roomId: string): boolean {
    return this.#partOf(roomId).delete(roomId);
  }

  /** In no order. Leaves out what goes meanwhile, and some of what comes. */
  *keys(): Generator<string, undefined> {
    for (const part of this.#parts) yield* part.keys();
  }

  /** As `keys`. */
  *values(): Generator<V, undefined> {
    for (const part of this.#parts) yield* part.values();
  }

  #partOf(roomId: string): Map<string, V> {
    let hash = 0;
    for (let index = 0; index < roomId.length; index += 1) {
      hash = (Math.imul(hash, 31) + roomId.charCodeAt(index)) | 0;
    }
    const part = this.#parts[(hash ^ (hash >>> 15)) & (PARTS - 1)];
    if (part === undefined) throw new RangeError('a hash outside the parts');
    return part;
  }
}
