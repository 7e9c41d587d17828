const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { ModuleKind, ScriptTarget, transpileModule } = require('typescript');

/** Preloaded with `node -r`, it lets a child process of a spec run the sources as they are. */
const root = join(__dirname, '../../../..');
const alias = /^@meterbook\/(domain|event-store|topics|runtime|http|messages|books|host)\/(.*)$/;
const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };

require.extensions['.ts'] = (module, fileName) => {
  const { outputText } = transpileModule(readFileSync(fileName, 'utf8'), { fileName, compilerOptions });
  module._compile(outputText, fileName);
};

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const [, lib, path] = alias.exec(request) ?? [];
  return resolve.call(this, lib ? join(root, 'libs', lib, 'src', path) : request, ...rest);
};
