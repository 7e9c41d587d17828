const { join } = require('node:path');

/** Code that only tests run: specs, the contract suites that adapters share, and what stands in a `testing` folder. */
const forTests = '\\.spec\\.ts$|-contract\\.ts$|/testing/';

/** The libraries by floor, the lowest first. Each imports from the floors below it and from nothing beside it. */
const floors = [['domain', 'runtime'], ['event-store', 'topics'], ['messages', 'books'], ['http'], ['host']];

/** The domain has a stricter rule of its own. */
const floorRules = floors.flatMap((floor, number) =>
  floor
    .filter((library) => library !== 'domain')
    .map((library) => ({
      name: `floor-of-${library}`,
      comment: 'Libraries stand on floors: an import goes down, never up and never to a neighbour.',
      severity: 'error',
      from: { path: `^libs/${library}/` },
      to: { path: '^libs/', pathNot: `^libs/(${[library, ...floors.slice(0, number).flat()].join('|')})/` },
    })),
);

/** Each of these rules is seen to fail in test/architecture/boundaries.spec.ts. */
module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment:
        'The rules know no framework, no Node built-in and no other library, so that they stay functions of facts.',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: forTests },
      to: { pathNot: '^libs/domain/' },
    },
    {
      name: 'domain-tests-need-little',
      comment: 'Tests of the rules may add fast-check, yaml and files, but no framework and no other library.',
      severity: 'error',
      from: { path: `^libs/domain/.*(?:${forTests})` },
      to: { pathNot: ['^libs/domain/', '(^|/)node_modules/(fast-check|yaml)/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'domain-helpers-need-no-node',
      comment: 'What tests of the rules share is as pure as the rules; only a specification itself may read files.',
      severity: 'error',
      from: { path: '^libs/domain/.*/testing/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    ...floorRules,
    {
      name: 'libs-do-not-know-apps',
      comment: 'A library that knew a service could not be used by another.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|test)/' },
    },
    {
      name: 'apps-do-not-know-each-other',
      comment:
        'Services meet in the store and the topics only. The standalone host and the command line know them all, and no service knows those.',
      severity: 'error',
      from: { path: '^apps/(?!standalone/|cli/)([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'ports-do-not-know-adapters',
      comment: 'A port that imports anything is on its way to a technology.',
      severity: 'error',
      from: { path: '^libs/(topics/src/topics|event-store/src/event-store)\\.ts$' },
      to: {},
    },
    {
      name: 'tests-stay-in-tests',
      comment: 'What only tests run is not part of a service.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: forTests },
      to: { path: forTests },
    },
    {
      name: 'no-development-dependencies',
      comment: 'A service runs after `npm ci --omit=dev`.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: forTests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-module-knows-the-driver',
      comment: 'Which release of the driver runs depends on the version of Node; the wrong one ends the process.',
      severity: 'error',
      from: { pathNot: '^libs/runtime/src/sqlite\\.ts$' },
      to: { path: '(^|/)node_modules/(@types/)?better-sqlite3' },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that this tool cannot follow is an import that no rule here sees.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports it and it starts nothing.',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.spec\\.ts$', '\\.d\\.ts$', '/main\\.ts$', '^test/'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist/|test/architecture/planted/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
