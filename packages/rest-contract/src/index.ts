export * from './capabilities.js';
export * from './envelope.js';
export * from './health.js';
export * from './openapi.js';
export * from './rest-error.js';
export * from './room-list.js';
