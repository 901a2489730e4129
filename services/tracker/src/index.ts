export * from './settings.js';
export * from './tracker.js';
