/**
 * Completion ratios that new-api has of its own, for models whose setting says nothing: what output costs as a multiple of input. The
 * first that matches counts. A `locked` one is charged whatever the setting says. A fraction stands as two numbers, since some end nowhere.
 */
interface BuiltInRatio {
  readonly name: RegExp;
  readonly ratio: readonly [numerator: string, denominator: string];
  readonly locked: boolean;
}

const rule = (name: RegExp, ratio: string, isLocked: 'locked' | 'unless set', denominator = '1'): BuiltInRatio => ({
  name,
  ratio: [ratio, denominator],
  locked: isLocked === 'locked',
});

const builtIn: readonly BuiltInRatio[] = [
  rule(/-all$|-gizmo-\*$/, '2', 'unless set'),
  rule(/^gpt-4o-2024-05-13$|^chatgpt-4o-latest$/, '3', 'locked'),
  rule(/^gpt-4o-mini-tts/, '20', 'unless set'),
  rule(/^gpt-4o/, '4', 'unless set'),
  rule(/^gpt-5[^.]*$/, '8', 'locked'),
  rule(/^gpt-5\.4-nano/, '6.25', 'locked'),
  rule(/^gpt-5\.4/, '6', 'locked'),
  rule(/^gpt-5/, '6', 'unless set'),
  rule(/^gpt-4\.5-preview/, '2', 'locked'),
  rule(/^gpt-4-turbo|^gpt-.*gpt-4-110[56]$|^gpt-4-110[56]$/, '3', 'locked'),
  rule(/^gpt-3\.5-turbo$|^gpt-3\.5.*0125$/, '3', 'locked'),
  rule(/^gpt-3\.5.*1106$/, '2', 'locked'),
  rule(/^gpt-3\.5/, '4', 'locked', '3'),
  rule(/^gpt-/, '2', 'unless set'),
  rule(/^o[13]/, '4', 'locked'),
  rule(/claude-3|claude-(sonnet|opus|haiku)-4|claude-(fable|sonnet|opus)-5/, '5', 'locked'),
  rule(/^mistral-/, '3', 'locked'),
  rule(/^gemini-(1\.5|2\.0)/, '4', 'locked'),
  rule(/^gemini-2\.5-pro/, '8', 'unless set'),
  rule(/^gemini-2\.5-flash-preview.*-nothinking$|^gemini-2\.5-flash-lite/, '4', 'unless set'),
  rule(/^gemini-2\.5-flash-preview/, '3.5', 'unless set', '0.15'),
  rule(/^gemini-2\.5-flash|^gemini-robotics-er-1\.5/, '2.5', 'unless set', '0.3'),
  rule(/^gemini-3-pro-image/, '60', 'unless set'),
  rule(/^gemini-3-pro/, '6', 'unless set'),
  rule(/^gemini-/, '4', 'unless set'),
  rule(/^command-r$/, '3', 'locked'),
  rule(/^command-r-plus$/, '5', 'locked'),
  rule(/^command-r(-plus)?-08-2024$/, '4', 'locked'),
  rule(/^command/, '4', 'unless set'),
  rule(/^llama2-70b-4096$/, '1.25', 'locked'),
  rule(/^llama3-8b-8192$/, '2', 'locked'),
  rule(/^llama3-70b-8192$/, '0.79', 'locked', '0.59'),
  rule(/^ERNIE-(Speed-|Lite-|Character|Functions)/, '2', 'locked'),
];

/** The ratio that new-api has for a model of itself; undefined where output costs what input does unless the setting says more. */
export function builtInRatio(model: string): BuiltInRatio | undefined {
  return builtIn.find(({ name }) => name.test(model));
}
