export * from './memory-room-store.js';
export * from './redis-room-store.js';
export type { StoreLogger } from './redis-connection.js';
export * from './room-store.js';
