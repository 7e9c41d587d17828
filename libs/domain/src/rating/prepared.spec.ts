import { readRulebook } from '../rulebook/read-rulebook';
import type { Rulebook } from '../rulebook/rulebook';
import { MAX_REMEMBERED_LENGTH, MAX_REMEMBERED_NAMES } from '../rulebook/find-model';
import { offersNamed, prepare, userTerm } from './prepared';

function rulebookOf(tiers: number, groups: number, models: readonly string[] = []): Rulebook {
  const read = readRulebook({
    platform: 'p',
    currency: 'USD',
    tiers: Array.from({ length: tiers }, (_, at) => ({ id: `t${at}`, rank: at + 1, discount: '0.9' })),
    groups: Array.from({ length: groups }, (_, at) => ({ id: `g${at}`, multiplier: '1.5', models: ['*'] })),
    models: models.map((id) => ({ id, group: 'g0', price: { mode: 'request', unit: '1' } })),
  });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return read.rulebook;
}

describe('rules that are made ready', () => {
  it('work out only the pairs of tier and group that are asked for, and each once', () => {
    const rules = prepare(rulebookOf(20, 50));
    expect(rules.users.size).toBe(0);
    const term = userTerm(rules, 'g7', { tier: 't3', customMultiplier: null });
    expect(userTerm(rules, 'g7', { tier: 't3', customMultiplier: null })).toBe(term);
    expect([...rules.users].map(([tier, groups]) => [tier, [...groups.keys()]])).toEqual([['t3', ['g7']]]);
  });

  it('remember nothing that the rules do not name', () => {
    const rules = prepare(rulebookOf(2, 2));
    expect(userTerm(rules, 'g0', { tier: 'gone', customMultiplier: null }).tier).toBe('t0');
    userTerm(rules, 'nobody', { tier: 't1', customMultiplier: null });
    expect([...rules.users].map(([tier, groups]) => [tier, [...groups.keys()]])).toEqual([['t0', ['g0']]]);
  });

  it('work out a model once, whatever name it is asked for by', () => {
    const rules = prepare(rulebookOf(1, 1, ['gpt-*', 'other']));
    const offers = offersNamed(rules, 'gpt-4');
    expect(offersNamed(rules, 'gpt-4')).toBe(offers);
    expect(offersNamed(rules, 'gpt-5')).toBe(offers);
    expect(offersNamed(rules, 'other')).not.toBe(offers);
    expect(offersNamed(rules, 'unknown')).toBeUndefined();
    expect(rules.offers.size).toBe(2);
  });

  it('remember so many names and no more, and none that is long', () => {
    const rules = prepare(rulebookOf(1, 1, ['*']));
    offersNamed(rules, 'x'.repeat(MAX_REMEMBERED_LENGTH + 1));
    expect(rules.named.size).toBe(0);
    for (let number = 0; number < MAX_REMEMBERED_NAMES; number++) offersNamed(rules, `m${number}`);
    expect(rules.named.size).toBe(MAX_REMEMBERED_NAMES);
    offersNamed(rules, 'one more');
    expect([...rules.named.keys()]).toEqual(['one more']);
    offersNamed(rules, 'x'.repeat(MAX_REMEMBERED_LENGTH));
    expect(rules.named.size).toBe(2);
  });
});
