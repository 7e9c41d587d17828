import ts from 'typescript';

/** What the sources say about metrics, without running them. */
export interface SourceMetrics {
  /** Metrics whose names stand in the source, with their labels. */
  readonly named: ReadonlyMap<string, readonly string[]>;
  /** Names with parts that are known at run time only; `*` stands for such a part. */
  readonly templates: readonly string[];
  /** Names that could not be read at all, as they stand in the source. */
  readonly unread: readonly string[];
  /** Values that are given to labels as literals. */
  readonly labelValues: ReadonlyMap<string, ReadonlySet<string>>;
}

const registering = /^(?:Counter|Gauge|Histogram|Summary)$/;
const forwarding = /^(?:counter|gauge|histogram|summary)$/;

/**
 * Reads the metrics out of sources: `new Counter({ name: … })`, and calls of functions and methods called `counter`, `gauge`
 * and so on, whose first argument is the name. A name that such a function only passes on is that of its callers.
 */
export function metricsIn(texts: readonly string[]): SourceMetrics {
  const named = new Map<string, readonly string[]>();
  const templates: string[] = [];
  const unread: string[] = [];
  const labelValues = new Map<string, Set<string>>();

  const note = (expression: ts.Expression, labels: readonly string[]): void => {
    const name = nameOf(expression);
    if (name === 'passed on') return;
    if (name === undefined) unread.push(expression.getText());
    else if (name.includes('*')) templates.push(name);
    else named.set(name, labels);
  };
  const noteMetric = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && registering.test(node.expression.getText())) {
      const options = node.arguments?.[0];
      if (!options || !ts.isObjectLiteralExpression(options)) return;
      const name = propertyOf(options, 'name');
      if (name) note(name, listIn(propertyOf(options, 'labelNames')));
    } else if (ts.isCallExpression(node)) {
      const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
      const [name, , labels] = node.arguments;
      if (name && forwarding.test(callee.getText())) note(name, listIn(labels));
    }
  };
  const noteLiterals = (node: ts.ObjectLiteralExpression): void => {
    for (const property of node.properties.filter(ts.isPropertyAssignment)) {
      if (!ts.isStringLiteral(property.initializer)) continue;
      const label = property.name.getText();
      labelValues.set(label, (labelValues.get(label) ?? new Set()).add(property.initializer.text));
    }
  };
  const visit = (node: ts.Node): void => {
    noteMetric(node);
    if (ts.isObjectLiteralExpression(node)) noteLiterals(node);
    ts.forEachChild(node, visit);
  };
  for (const text of texts) visit(ts.createSourceFile('metrics.ts', text, ts.ScriptTarget.ES2022, true));
  return { named, templates, unread, labelValues };
}

function propertyOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const property = object.properties.find((candidate) => candidate.name?.getText() === name);
  if (property && ts.isPropertyAssignment(property)) return property.initializer;
  return property && ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
}

function listIn(expression: ts.Expression | undefined): readonly string[] {
  if (!expression || !ts.isArrayLiteralExpression(expression)) return [];
  return expression.elements.filter(ts.isStringLiteral).map(({ text }) => text);
}

/** The name that an expression stands for, `*` for each part that is not known; undefined when it cannot be read. */
function nameOf(expression: ts.Expression): string | undefined {
  if (ts.isStringLiteral(expression) || ts.isNoSubstitutionTemplateLiteral(expression)) return expression.text;
  if (ts.isTemplateExpression(expression))
    return expression.head.text + expression.templateSpans.map(({ literal }) => `*${literal.text}`).join('');
  if (!ts.isIdentifier(expression)) return undefined;
  return declaredName(expression, expression.text);
}

/** Looks a name up in the functions and blocks around it. */
function declaredName(from: ts.Node, name: string): string | undefined {
  for (let node: ts.Node = from.parent; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isFunctionLike(node) && node.parameters.some((parameter) => parameter.name.getText() === name))
      return 'passed on';
    const { statements } = node.parent as { readonly statements?: ts.NodeArray<ts.Statement> };
    const found = (statements ?? []).flatMap((statement) => declarationsIn(statement, name))[0];
    if (!found?.initializer) continue;
    // The gauges of the loops are named by one function, which the spec asks about every loop of the table.
    if (found.initializer.getText().startsWith('loopGauge(')) return 'passed on';
    return ts.isIdentifier(found.name) ? nameOf(found.initializer) : undefined;
  }
  return undefined;
}

function declarationsIn(statement: ts.Statement, name: string): ts.VariableDeclaration[] {
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.filter((declaration) => namesIn(declaration).includes(name));
}

function namesIn({ name }: ts.VariableDeclaration): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? [element.name.getText()] : []));
}
