const { join } = require('node:path');
const { projects, testTimeout } = require('../../jest.config.cjs');

const [unit] = projects;
/** The library or service of the folder that is mutated: its own specs have to notice. */
const part = (process.env.MUTATED_FOLDER ?? '').split('/').slice(0, 2).join('/');

module.exports = {
  ...unit,
  rootDir: join(__dirname, '../..'),
  testMatch: [`<rootDir>/${part}/**/*.spec.ts`],
  testTimeout,
};
