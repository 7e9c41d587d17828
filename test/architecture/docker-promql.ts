/** One condition of a selector: `{status=~"5.."}`. */
export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** What a PromQL expression asks for. */
export interface Asked {
  readonly metrics: readonly { readonly name: string; readonly matchers: readonly Matcher[] }[];
  /** Labels of `by`, `without`, `on`, `ignoring` and `group_left`. */
  readonly grouping: readonly string[];
}

const keywords = new Set(['and', 'or', 'unless', 'bool', 'offset', 'atan2', 'inf', 'nan']);
const groupings = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;

/** Reads names out of an expression; it takes the expression to be right, which promtool or Grafana has to say. */
export function askedBy(expression: string): Asked {
  const grouping: string[] = [];
  const plain = expression
    // Ranges and subqueries hold durations and Grafana's variables, and no names.
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(groupings, (_, labels: string) => {
      grouping.push(
        ...labels
          .split(',')
          .map((label) => label.trim())
          .filter(Boolean),
      );
      return ' ';
    });
  const metrics: { name: string; matchers: Matcher[] }[] = [];
  // A selector with what follows it: `(` makes a function of a name, `{` begins its conditions.
  for (const [, name = '', next, conditions = ''] of plain.matchAll(
    /"(?:[^"\\]|\\.)*"|(?<![\w.])([a-zA-Z_:][a-zA-Z0-9_:]*|(?={))\s*(?:(\()|\{((?:"(?:[^"\\]|\\.)*"|[^}"])*)\})?/g,
  )) {
    if (next === '(' || (name === '' && conditions === '') || keywords.has(name.toLowerCase())) continue;
    metrics.push({ name, matchers: matchersIn(conditions) });
  }
  return { metrics, grouping };
}

function matchersIn(conditions: string): Matcher[] {
  return [...conditions.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
  );
}
