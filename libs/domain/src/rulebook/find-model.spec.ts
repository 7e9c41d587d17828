import fc from 'fast-check';
import { findModel } from './find-model';
import { glob } from './glob';
import { readRulebook } from './read-rulebook';
import type { Plan, Rulebook } from './rulebook';
import { groupAllows, planAllows } from './whitelist';

function rulebookOf(...ids: readonly string[]): Rulebook {
  const read = readRulebook({
    platform: 'p',
    currency: 'USD',
    tiers: [{ id: 'default', rank: 1 }],
    groups: [{ id: 'default', models: ['*'] }],
    models: ids.map((id) => ({ id, group: 'default', price: { mode: 'request', unit: '1' } })),
  });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return read.rulebook;
}

describe('a glob', () => {
  it.each([
    ['gpt-*', 'gpt-4', true],
    ['gpt-*', 'gpt-', true],
    ['gpt-*', 'xgpt-4', false],
    ['*', '', true],
    ['*-mini', 'gpt-4-mini', true],
    ['*-mini', 'gpt-4-mini-2', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['**', 'any/thing', true],
    ['a.c', 'abc', false],
    ['a?', 'ab', false],
    ['[ab]', 'a', false],
    ['claude', 'Claude', false],
  ])('%s on %s: %p', (pattern, name, expected) => {
    expect(glob(pattern)(name)).toBe(expected);
  });

  it('says what the regular expression says', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(texts, texts, (pattern, name) => {
        const expression = new RegExp(
          `^${pattern
            .split('*')
            .map((part) => part.replaceAll('*', ''))
            .join('.*')}$`,
        );
        expect(glob(pattern)(name)).toBe(expression.test(name));
      }),
      { numRuns: 5000 },
    );
  });

  it('is not slowed down by a pattern made for it', () => {
    expect(glob(`${'a*'.repeat(120)}b`)('a'.repeat(100_000))).toBe(false);
  });
});

describe('looking a model up', () => {
  it('takes the first of the list that matches, exact or not', () => {
    const rulebook = rulebookOf('claude-code-*', 'claude-3', 'claude-*', 'claude-3-opus', 'gpt');
    const found = (name: string) => findModel(rulebook, name)?.id;
    expect(found('claude-code-max')).toBe('claude-code-*');
    expect(found('claude-3')).toBe('claude-3');
    expect(found('claude-3-opus')).toBe('claude-*');
    expect(found('gpt')).toBe('gpt');
    expect(found('gpt-4')).toBeUndefined();
    expect(found('claude-*')).toBe('claude-*');
  });

  it('remembers nothing wrong, however many names it is asked for', () => {
    const rulebook = rulebookOf('m-*', 'x');
    for (let round = 0; round < 2; round++) {
      const names = Array.from({ length: 12_000 }, (_, index) => `m-${index}`);
      expect(names.filter((name) => findModel(rulebook, name)?.id !== 'm-*')).toEqual([]);
      expect(findModel(rulebook, 'x')?.id).toBe('x');
      expect(findModel(rulebook, 'y')).toBeUndefined();
      expect(findModel(rulebook, `m-${'x'.repeat(1000)}`)?.id).toBe('m-*');
    }
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('knows no model %j that nobody listed', (name) => {
    expect(findModel(rulebookOf('gpt'), name)).toBeUndefined();
  });
});

describe('a whitelist', () => {
  const allows = (models: readonly string[], name: string) =>
    groupAllows({ id: 'g', multiplier: null, models, limits: {} }, name);
  const plan = (models: readonly string[]) => ({ models }) as Plan;

  it.each([
    [['*'], 'gpt', true],
    [['*', '!claude*'], 'claude-3', false],
    [['*', '!claude*'], 'gpt', true],
    [['*', '!claude*', 'claude-haiku'], 'claude-haiku', true],
    [['!claude*', '*'], 'claude-3', true],
    [['!claude*'], 'gpt', false],
    [[], 'gpt', false],
    [['free'], 'free', true],
    [['free'], 'gpt', false],
  ])('%j on %s: %p', (models, name, expected) => {
    expect(allows(models, name)).toBe(expected);
  });

  it('of a plan means models that are marked free by "free"', () => {
    expect(planAllows(plan(['free']), 'llama', true)).toBe(true);
    expect(planAllows(plan(['free']), 'gpt', false)).toBe(false);
    expect(planAllows(plan(['free']), 'free', false)).toBe(false);
    expect(planAllows(plan(['free', 'gpt-*']), 'gpt-4', false)).toBe(true);
    expect(planAllows(plan(['*', '!free']), 'llama', true)).toBe(false);
    expect(planAllows(plan(['*']), 'gpt', false)).toBe(true);
  });
});
