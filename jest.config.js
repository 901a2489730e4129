/** Native ESM under @swc/jest: workspace packages resolve to their sources, so no build is needed to test. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^@conference/(muc|muc-stanza|room-store|rest-contract|service-runtime)$':
      '<rootDir>/packages/$1/src/index.ts',
    '^@conference/(tracker|facade|standalone|launcher)$': '<rootDir>/services/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testMatch: ['**/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  testSequencer: '<rootDir>/scripts/longest-first.mjs',
  modulePathIgnorePatterns: ['/dist/', '/.conference/'],
  /** For hung tests only: what a test waits for has its own deadline, with a better message. */
  testTimeout: 30_000,
  coverageProvider: 'v8',
};
