export * from './backoff.js';
export * from './delay.js';
export * from './lifecycle.js';
export * from './logger.js';
export * from './main.js';
export * from './metrics.js';
export * from './redis-settings.js';
export * from './settings.js';
