import { glob, type Glob } from './glob';
import type { Group, Plan } from './rulebook';

interface Step {
  readonly matches: Glob;
  readonly allows: boolean;
  /** A plan's `free`: models that are marked so, whatever their names. */
  readonly meansFree: boolean;
}

const compiled = new WeakMap<readonly string[], readonly Step[]>();

/** Whether a group's whitelist lets a model through: globs in order, `!` takes away, the last that matches decides. */
export function groupAllows(group: Group, model: string): boolean {
  return decide(group.models, (step) => step.matches(model));
}

/** The same for a plan, where `free` means the models that are marked free (SPEC §3). */
export function planAllows(plan: Plan, model: string, free: boolean): boolean {
  return decide(plan.models, (step) => (step.meansFree ? free : step.matches(model)));
}

function decide(whitelist: readonly string[], concerns: (step: Step) => boolean): boolean {
  return stepsOf(whitelist).findLast(concerns)?.allows ?? false;
}

function stepsOf(whitelist: readonly string[]): readonly Step[] {
  let steps = compiled.get(whitelist);
  if (steps === undefined) {
    steps = whitelist.map((entry) => {
      const allows = !entry.startsWith('!');
      const pattern = allows ? entry : entry.slice(1);
      return { matches: glob(pattern), allows, meansFree: pattern === 'free' };
    });
    compiled.set(whitelist, steps);
  }
  return steps;
}
