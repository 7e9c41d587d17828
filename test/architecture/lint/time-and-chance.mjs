/** What each global gives away of time or chance: `all` for any use of it, else the members that do. */
const leakyGlobals = new Map([
  ['setTimeout', 'all'],
  ['setInterval', 'all'],
  ['setImmediate', 'all'],
  ['performance', 'all'],
  ['crypto', 'all'],
  ['Math', ['random']],
  ['AbortSignal', ['timeout']],
  ['process', ['hrtime', 'uptime']],
]);
const leakyOfGlobalThis = [...leakyGlobals.keys(), 'Date'];

/** Modules that hand out time or chance: `all` for the whole module, else the exports that do. */
const leakyModules = new Map([
  ['timers', 'all'],
  ['timers/promises', 'all'],
  ['perf_hooks', 'all'],
  [
    'crypto',
    ['getRandomValues', 'randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'webcrypto'],
  ],
]);

function memberOf({ computed, property }) {
  if (!computed) return property.name;
  return property.type === 'Literal' ? String(property.value) : undefined;
}

/** `Date` is fine as a converter: `new Date(x)`, `Date.parse`, `Date.UTC`, `x instanceof Date`. Anything else can tell the time. */
function dateLeaks(node) {
  const { parent } = node;
  if (parent.type === 'NewExpression') return parent.callee !== node || parent.arguments.length === 0;
  if (parent.type === 'MemberExpression') return !['parse', 'UTC'].includes(memberOf(parent));
  return !(parent.type === 'BinaryExpression' && parent.operator === 'instanceof');
}

function leaks(node, members) {
  const { parent } = node;
  if (members === 'all') return true;
  if (parent.type === 'MemberExpression' && parent.object === node) {
    const member = memberOf(parent);
    return member === undefined || members.includes(member);
  }
  if (parent.type === 'VariableDeclarator' && parent.id.type === 'ObjectPattern') {
    return parent.id.properties.some(({ type, key }) => type !== 'Property' || members.includes(key.name));
  }
  return false;
}

function globalLeaks(node) {
  if (node.name === 'Date') return dateLeaks(node);
  if (node.name === 'globalThis' || node.name === 'global') return leaks(node, leakyOfGlobalThis);
  return leakyGlobals.has(node.name) && leaks(node, leakyGlobals.get(node.name));
}

/** The parts of an import or re-export that bring time or chance in. */
function leaksOfModule(node) {
  const members = node.importKind !== 'type' && leakyModules.get(String(node.source?.value).replace(/^node:/, ''));
  if (!members) return [];
  if (members === 'all' || !node.specifiers) return [node];
  return node.specifiers.filter(({ imported, local, type }) => {
    const taken = type === 'ExportSpecifier' ? local : imported;
    return taken === undefined || members.includes(taken.name);
  });
}

/** Time and chance come in through `Clock` and `Random`, so that one seed can drive the real code through any crash. */
const timeAndChanceOnlyThroughPorts = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { port: '`{{what}}` is time or chance: take it from the ports Clock and Random (libs/runtime/src).' },
  },
  create(context) {
    const report = (node) =>
      context.report({ node, messageId: 'port', data: { what: context.sourceCode.getText(node) } });
    const checkModule = (node) => leaksOfModule(node).forEach(report);
    return {
      ImportDeclaration: checkModule,
      ImportExpression: checkModule,
      ExportNamedDeclaration: checkModule,
      ExportAllDeclaration: checkModule,
      'Program:exit'(program) {
        const scope = context.sourceCode.getScope(program);
        const ambient = [...scope.set.values()].filter(({ defs }) => defs.length === 0);
        const references = new Set([...scope.through, ...ambient.flatMap((variable) => variable.references)]);
        for (const { identifier, isTypeReference } of references) {
          if (isTypeReference !== true && globalLeaks(identifier)) report(identifier);
        }
      },
    };
  },
};

/** The rule and where it does not hold: the adapters behind the ports, what starts a process, and what tests one. */
export const timeAndChance = [
  {
    name: 'meterbook/time-and-chance',
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: [
      '**/main.ts',
      '**/*.spec.ts',
      '**/*-contract.ts',
      '**/testing/**',
      'libs/runtime/src/system-*.ts',
      'libs/{event-store,topics}/src/embedded*.ts',
      'libs/{event-store,topics}/src/embedded/**',
      'apps/standalone/src/demo/**',
    ],
    plugins: { meterbook: { rules: { 'time-and-chance-only-through-ports': timeAndChanceOnlyThroughPorts } } },
    rules: { 'meterbook/time-and-chance-only-through-ports': 'error' },
  },
];
