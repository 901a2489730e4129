export * from './affiliation.js';
export * from './conference-error.js';
export * from './jid.js';
export * from './occupant.js';
export * from './role.js';
export * from './room-row.js';
