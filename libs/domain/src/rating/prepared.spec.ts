import { readRulebook } from '../rulebook/read-rulebook';
import type { Rulebook } from '../rulebook/rulebook';
import { prepare, userTerm } from './prepared';

function rulebookOf(tiers: number, groups: number): Rulebook {
  const read = readRulebook({
    platform: 'p',
    currency: 'USD',
    tiers: Array.from({ length: tiers }, (_, at) => ({ id: `t${at}`, rank: at + 1, discount: '0.9' })),
    groups: Array.from({ length: groups }, (_, at) => ({ id: `g${at}`, multiplier: '1.5', models: ['*'] })),
    models: [],
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
});
