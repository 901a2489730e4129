export type * from './room-store.js';
