/**
 * The direction of dependencies: services → packages, packages → muc, muc → nothing. A package
 * imported by its name resolves to its `dist`, one imported by a path to its `src`: both count.
 */
const code = '/(src|dist)/';

/** Everything of ours outside the given folders, packages and services alike. */
const allOthers = (...folders) => `^(packages|services)/(?!(${folders.join('|')})/)`;

/** A folder that may depend on itself and on the given ones only. */
const layer = (kind, name, ...allowed) => ({
  name: `layer-${name}`,
  comment: `${name} may use ${allowed.length === 0 ? 'no other package' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^${kind}/${name}${code}`, pathNot: '[.](test|contract)[.]ts$' },
  to: { path: allOthers(name, ...allowed) },
});

/** A foreign library that only the given files may import. */
const adapter = (library, ...files) => ({
  name: `adapter-of-${library.replace(/\W+/g, '-')}`,
  comment: `${library} stands behind one adapter`,
  severity: 'error',
  from: { path: '^(packages|services|test|bench)/', pathNot: [...files, '/dist/'] },
  to: { path: `^node_modules/${library}/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'every import must lead somewhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared',
      comment: 'an import that the package.json nearby does not declare breaks alone',
      severity: 'error',
      from: { path: `^(packages|services)/[^/]+${code}`, pathNot: '[.](test|contract)[.]ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'tests-are-leaves',
      comment: 'nothing that ships may import what is for tests',
      severity: 'error',
      from: { path: `^(packages|services)/[^/]+${code}`, pathNot: '[.](test|contract)[.]ts$' },
      to: { path: ['^test/', '[.](test|contract)[.]ts$'] },
    },
    {
      name: 'pure',
      comment: 'what a room is, and how it stands on the wire, touches no file, socket or clock',
      severity: 'error',
      from: { path: '^packages/(muc|muc-stanza)/src/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    layer('packages', 'muc'),
    layer('packages', 'muc-stanza', 'muc'),
    layer('packages', 'room-store', 'muc'),
    layer('packages', 'rest-contract', 'muc'),
    layer('packages', 'service-runtime', 'muc'),
    layer('services', 'tracker', 'muc', 'muc-stanza', 'room-store', 'service-runtime'),
    layer('services', 'facade', 'muc', 'rest-contract', 'room-store', 'service-runtime'),
    layer('services', 'standalone', 'muc', 'room-store', 'service-runtime', 'tracker', 'facade'),
    layer('services', 'launcher', 'muc', 'service-runtime', 'facade'),
    adapter('@xmpp/component', '^services/tracker/src/library-stream[.]ts$'),
    adapter('@xmpp/client', '^test/support/client-session[.]ts$'),
    // Tests flush and break Redis with it.
    adapter('ioredis', '^packages/room-store/src/', '^test/'),
    adapter('express', '^services/facade/src/'),
  ],
  options: {
    doNotFollow: { path: ['^node_modules', '/dist/'] },
    exclude: { path: '[.]d[.]ts$' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.tests.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
