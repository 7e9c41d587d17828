import { decimal, isZero, toText, type Decimal } from '../../amount/decimal';
import type { PaidPeriod, SubscriptionRenewed, SubscriptionStarted } from '../subscription/events';
import { enumerated, equation, equations, type Explained } from './explained';

/** What a period cost, and the credits that it begins with. */
export function explainStart({ provider, currency, period }: SubscriptionStarted): Explained {
  return {
    formula: periodFormula(period, currency),
    sentence: `Plan ${period.plan} was started for ${period.price} ${currency} paid through ${provider}. ${periodSentence(period)}`,
  };
}

/** The same of a period that follows another. */
export function explainRenewal({ provider, currency, period }: SubscriptionRenewed): Explained {
  return {
    formula: periodFormula(period, currency),
    sentence: `Plan ${period.plan} was renewed for ${period.price} ${currency} paid through ${provider}. ${periodSentence(period)}`,
  };
}

/** The fee of a period, and its credits. */
export function periodFormula(period: PaidPeriod, currency: string): string {
  const fee = equation([[decimal(period.price), `fee of plan ${period.plan}`]], currency);
  const credits = poolsOf(period).map(({ amount, name, how }) => [amount, `${name} pool ${how}`] as const);
  return equations([fee, equation(credits, 'credits')]);
}

/** From when until when a period runs, and the credits that it begins with. */
export function periodSentence(period: PaidPeriod): string {
  const pools = poolsOf(period)
    .filter(({ amount }) => !isZero(amount))
    .map(({ amount, name, how }) => `${toText(amount)} credits in the ${name} pool (${how})`);
  const time = `It runs from ${period.from} until ${period.to}`;
  return pools.length === 0 ? `${time}.` : `${time}, with ${enumerated(pools)}.`;
}

interface PoolOfPeriod {
  readonly name: 'main' | 'backup';
  readonly amount: Decimal;
  readonly how: 'new' | 'carried on';
}

function poolsOf({ main, backup, carriedMain, carriedBackup }: PaidPeriod): readonly PoolOfPeriod[] {
  const pool = (name: 'main' | 'backup', issued = '0', carried?: string): readonly PoolOfPeriod[] => [
    ...(carried === undefined ? [] : [{ name, amount: decimal(carried), how: 'carried on' } as const]),
    { name, amount: decimal(issued), how: 'new' },
  ];
  return [...pool('main', main, carriedMain), ...pool('backup', backup, carriedBackup)];
}
