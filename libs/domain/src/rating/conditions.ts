import type { Conditions, Threshold } from '../rulebook/price';

/** Fields of a request as usage reports them. */
export type Fields = Readonly<Record<string, string>>;

/** A row's conditions made ready for use, and how a charge tells of them. */
export interface Condition {
  readonly when: readonly (readonly [field: string, value: string])[];
  readonly prompt: Threshold | null;
  readonly output: Threshold | null;
  /** For example `service_tier=priority, promptTokensOver 272000`. */
  readonly told: string;
}

export function conditionOf({ when, prompt, output }: Conditions): Condition {
  const told = [...when].map(([field, value]) => `${field}=${value}`);
  if (prompt) told.push(`promptTokens${thresholdText(prompt)}`);
  if (output) told.push(`outputTokens${thresholdText(output)}`);
  return { when: [...when], prompt, output, told: told.join(', ') };
}

/**
 * Which of two rows is looked at first: the one with more fields, then with the higher threshold on the prompt, then on the
 * output. Rows that are equal stay in the order listed, since sorting is stable.
 */
export function byPrecedence(a: Conditions, b: Conditions): number {
  return b.when.size - a.when.size || byThreshold(a.prompt, b.prompt) || byThreshold(a.output, b.output);
}

/** The highest first; of two equal ones `Over` before `AtLeast`; none is lowest. */
function byThreshold(a: Threshold | null, b: Threshold | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return b.tokens - a.tokens || Number(a.comparison === 'at-least') - Number(b.comparison === 'at-least');
}

export function holds(condition: Condition, fields: Fields, promptTokens: number, outputTokens: number): boolean {
  return (
    reaches(promptTokens, condition.prompt) &&
    reaches(outputTokens, condition.output) &&
    condition.when.every(([field, value]) => fields[field] === value)
  );
}

function reaches(tokens: number, threshold: Threshold | null): boolean {
  if (threshold === null) return true;
  return threshold.comparison === 'over' ? tokens > threshold.tokens : tokens >= threshold.tokens;
}

function thresholdText({ comparison, tokens }: Threshold): string {
  return `${comparison === 'over' ? 'Over' : 'AtLeast'} ${tokens}`;
}
