export * from './prosody-config.js';
export * from './prosody-files.js';
