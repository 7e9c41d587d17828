const paths = {
  '^@meterbook/(domain|event-store|topics|runtime|http)/(.*)$': '<rootDir>/libs/$1/src/$2',
  '^@meterbook/(usage-ingest|ledger|tier-projection|finance)/(.*)$': '<rootDir>/apps/$1/src/$2',
};
const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', diagnostics: false }] },
  moduleNameMapper: paths,
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/test/architecture/planted/'],
  ...more,
});

/** `unit` needs nothing; the others run against the built services of `dist`. */
module.exports = {
  projects: [
    project('unit', ['<rootDir>/libs/**/*.spec.ts', '<rootDir>/apps/**/*.spec.ts', '<rootDir>/test/golden/**/*.spec.ts', '<rootDir>/test/architecture/**/*.spec.ts']),
    project('conformance', ['<rootDir>/test/conformance/**/*.spec.ts']),
    project('faults', ['<rootDir>/test/faults/**/*.spec.ts']),
  ],
  testTimeout: 120000,
  maxWorkers: 2,
};
