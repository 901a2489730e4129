export * from './memory-room-store.js';
export type * from './room-store.js';
