export * from './prosody-config.js';
