import { fraction, sameText, times, type Fraction } from '@meterbook/domain/testing/naive-fraction';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { labelsOfVersion } from './dressed-histories';
import { dayIn } from './naive-calendar';

/** What is asked of a report; instants are milliseconds since 1970. */
export interface NaiveQuestion {
  readonly report: string;
  readonly platform: string;
  readonly basis: 'booked' | 'occurred';
  readonly zone: string;
  readonly from: number | null;
  readonly end: number | null;
  readonly derivedAt: number;
  readonly groupBy: readonly string[];
  readonly filters: readonly (readonly [string, readonly string[]])[];
}

type Values = Readonly<Record<string, string | null>>;
type Measures = Record<string, Fraction>;

/** What was counted at an instant of the axis. */
interface Counted {
  readonly at: number;
  readonly values: Values;
  readonly measures: Measures;
}

interface RawCharge {
  readonly occurredAt: string;
  readonly amount: string;
  readonly cost?: string;
  readonly credits?: readonly [number, string, string];
  readonly lots?: readonly (readonly [number, string])[];
  readonly owed?: string;
  readonly units: Readonly<Record<string, string | number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rulebook: number;
  readonly [name: string]: unknown;
}

interface RawPeriod {
  readonly number: number;
  readonly plan: string;
  readonly price: string;
  readonly scale: number;
  readonly from: string;
  readonly to: string;
}

/** Of an event's data what the reports are made of. */
interface RawData {
  readonly occurredAt?: string;
  readonly charges?: readonly RawCharge[];
  readonly charge?: { readonly revision: number; readonly index: number };
  readonly period?: RawPeriod;
  readonly credit?: string;
  readonly proration?: { readonly renewals?: string };
  readonly lots?: readonly (readonly [number, string])[];
  readonly forgiven?: string;
  readonly writtenOff?: string;
  readonly granted?: { readonly settledBack?: string; readonly expired?: string } | null;
}

interface Raw {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly booked: number;
  readonly occurred: number;
  readonly data: RawData;
}

const none = fraction(0);

/** In lowest terms, since very many are added up. */
function plus(...values: readonly Fraction[]): Fraction {
  return values.reduce((a, b) => {
    const [n, d] = [a.n * b.d + b.n * a.d, a.d * b.d];
    const common = greatest(n < 0n ? -n : n, d);
    return { n: n / common, d: d / common };
  }, none);
}

function greatest(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatest(b, a % b);
}

const minus = (value: Fraction): Fraction => times(value, fraction(-1));
const sum = (amounts: readonly (readonly [number, string])[] = []): Fraction =>
  plus(none, ...amounts.map(([, amount]) => fraction(amount)));

/** The reports of charges by a fold of the raw events, slowly and in exact fractions. */
export class NaiveReports {
  private readonly events: readonly Raw[];
  /** Of a UTC day of a platform the values of a label that are told apart. */
  private readonly toldApart = new Map<string, Set<string>>();

  constructor(
    history: readonly StoredEvent[],
    platform: string,
    private readonly maxLabelValues: number,
  ) {
    this.events = history
      .filter(({ stream }) => stream.startsWith(`account-${platform}/`))
      .map(({ stream, revision, type, bookedAt, data }) => {
        const read = JSON.parse(data) as RawData;
        return { stream, revision, type, booked: bookedAt, occurred: Date.parse(read.occurredAt ?? ''), data: read };
      });
    for (const { type, data, booked } of this.events)
      if (type === 'UsageCharged')
        for (const charge of data.charges ?? [])
          for (const [label, value] of this.named(charge)) {
            const known = this.toldApart.get(`${day(booked)} ${label}`) ?? new Set();
            if (known.size < this.maxLabelValues) known.add(value);
            this.toldApart.set(`${day(booked)} ${label}`, known);
          }
  }

  /** The items of an answer, each with what is not zero of it, by the JSON of its group. */
  answer(question: NaiveQuestion): Map<string, Record<string, string>> {
    const groups = new Map<string, Measures>();
    for (const { at, values, measures } of this.counted(question)) {
      const date = dayIn(at, question.zone);
      const told: Values = { ...values, day: date, month: date.slice(0, 7) };
      const valueOf = (name: string): string | null => told[name] ?? null;
      const passes = question.filters.every(([name, wanted]) => wanted.includes(valueOf(name) ?? ''));
      if (!passes) continue;
      const key = JSON.stringify(question.groupBy.map(valueOf));
      const group = groups.get(key) ?? {};
      for (const [name, measure] of Object.entries(measures)) group[name] = plus(group[name] ?? none, measure);
      groups.set(key, group);
    }
    const items = [...groups].map(([key, measures]): [string, Record<string, string>] => [key, nonZero(measures)]);
    return new Map(items.filter(([, measures]) => Object.keys(measures).length > 0));
  }

  private counted(question: NaiveQuestion): Counted[] {
    const { report, from, end, basis } = question;
    const within = (at: number): boolean => at >= (from ?? -Infinity) && at < (end ?? Infinity);
    const all = this.events.flatMap((event) => this.charged(event, report, basis)).filter(({ at }) => within(at));
    return report === 'revenue' ? [...all, ...this.earned(question)] : all;
  }

  private charged(event: Raw, report: string, basis: 'booked' | 'occurred'): Counted[] {
    const at = (occurredAt: string): number => (basis === 'booked' ? event.booked : Date.parse(occurredAt));
    if (event.type === 'UsageCharged')
      return (event.data.charges ?? []).map((charge) => ({
        at: at(charge.occurredAt),
        values: this.valuesOf(charge, event),
        measures: measuresOf(charge, report),
      }));
    if (event.type !== 'UsageReversed') return [];
    const place = event.data.charge;
    const origin = this.events.find(({ stream, revision }) => stream === event.stream && revision === place?.revision);
    const charge = origin?.data.charges?.[place?.index ?? 0];
    if (!origin || !charge) throw new Error('a reversal without a charge');
    const measures = reversed(measuresOf(charge, report), report, event.data);
    return [{ at: at(event.data.occurredAt ?? ''), values: this.valuesOf(charge, origin), measures }];
  }

  private valuesOf(charge: RawCharge, { stream, booked }: Raw): Values {
    const labels = this.named(charge).map(([label, value]): [string, string] => [
      `label:${label}`,
      this.toldApart.get(`${day(booked)} ${label}`)?.has(value) === true ? value : '(other)',
    ]);
    const text = (name: string): string | null => (typeof charge[name] === 'string' ? charge[name] : null);
    return {
      ...{ model: text('model'), tier: text('tier'), group: text('group'), channel: text('channel') },
      ...{ apiKey: text('apiKeyId'), plan: text('plan'), account: stream.split('/')[1] ?? null },
      ...Object.fromEntries(labels),
    };
  }

  private named({ labels = {}, rulebook }: RawCharge): [string, string][] {
    return Object.entries(labels).filter(([label]) => labelsOfVersion[rulebook - 1]?.includes(label) === true);
  }

  /** What is earned of fees from one quarter of an hour to the next, each the difference of two balances. */
  private earned({ from, end, basis, derivedAt }: NaiveQuestion): Counted[] {
    const axis = (event: Raw): number => (basis === 'booked' ? event.booked : event.occurred);
    const told = this.events.flatMap((event) => (event.data.period ? [{ ...event, period: event.data.period }] : []));
    const quarter = 900_000;
    const counted: Counted[] = [];
    for (const event of told) {
      const values = { plan: event.period.plan, account: event.stream.split('/')[1] ?? null };
      const balanceAt = (at: number): Fraction => earnedOf(event, told, axis, at, end === null ? derivedAt : Infinity);
      // Before the first of these and after the last of them a balance stays what it is.
      const ending = endOf(event, told);
      const turns = [axis(event), ...spanOf(event.period), ...(ending ? [axis(ending), ending.occurred] : [])];
      const first = Math.floor(Math.min(...turns) / quarter) * quarter;
      for (let at = first; at <= Math.max(...turns); at += quarter) {
        if (at < (from ?? -Infinity) || at >= (end ?? Infinity)) continue;
        const moved = plus(balanceAt(at + quarter), minus(balanceAt(at)));
        if (moved.n !== 0n) counted.push({ at, values, measures: { subscriptions: moved, total: moved } });
      }
    }
    return counted;
  }
}

type Paid = Raw & { readonly period: RawPeriod };

function spanOf({ from, to }: RawPeriod): [number, number] {
  return [Date.parse(from), Date.parse(to)];
}

/** The switch that ended a period, or took the place of one that waited. */
function endOf({ stream, period: { number, to } }: Paid, all: readonly Paid[]): Paid | undefined {
  return all.find(
    (other) =>
      other.type === 'PlanSwitched' &&
      other.stream === stream &&
      other.period.number > number &&
      other.occurred < Date.parse(to),
  );
}

/** What is earned of one fee by the events before an instant, derived as of it or as of the latest that is derived. */
function earnedOf(
  paid: Paid,
  all: readonly Paid[],
  axis: (event: Raw) => number,
  at: number,
  latest: number,
): Fraction {
  if (axis(paid) >= at) return none;
  const derivedAt = Math.min(at, latest);
  const price = fraction(paid.period.price);
  const [from, to] = spanOf(paid.period);
  const end = endOf(paid, all);
  if (end && axis(end) < at && derivedAt >= end.occurred) {
    const ofRunning = plus(fraction(end.data.credit ?? '0'), minus(fraction(end.data.proration?.renewals ?? '0')));
    return plus(price, minus(from > end.occurred ? price : ofRunning));
  }
  if (derivedAt >= to) return price;
  if (derivedAt <= from) return none;
  const exact = times(price, { n: BigInt(derivedAt - from), d: BigInt(to - from) });
  const unit = 10n ** BigInt(paid.period.scale);
  return { n: (exact.n * unit) / exact.d, d: unit };
}

function measuresOf(charge: RawCharge, report: string): Measures {
  const [, main = '0', backup = '0'] = charge.credits ?? [];
  const [wallet, receivable] = [sum(charge.lots), fraction(charge.owed ?? '0')];
  const amount = fraction(charge.amount);
  if (report === 'revenue') return { usage: plus(wallet, receivable), total: plus(wallet, receivable) };
  const cost = fraction(charge.cost ?? charge.amount);
  if (report === 'margin') return { charged: amount, cost, margin: plus(amount, minus(cost)) };
  const units = Object.entries(charge.units).map(([name, unit]): [string, Fraction] => [
    `units.${name}`,
    fraction(unit),
  ]);
  return {
    ...{ charges: fraction(1), amount, 'paidBy.main': fraction(main), 'paidBy.backup': fraction(backup) },
    ...{ 'paidBy.wallet': wallet, 'paidBy.receivable': receivable },
    ...Object.fromEntries(units),
  };
}

function reversed(charge: Measures, report: string, data: RawData): Measures {
  const { charges, ...rest } = charge;
  const back = Object.fromEntries(
    Object.entries(rest).map(([name, value]): [string, Fraction] => [name, minus(value)]),
  );
  if (report === 'margin') return { charged: back['charged'] ?? none, margin: back['charged'] ?? none };
  if (report === 'usage') return { ...back, reversals: charges ?? none };
  const { lots, forgiven = '0', writtenOff = '0', granted } = data;
  const given = [forgiven, writtenOff, granted?.settledBack ?? '0', granted?.expired ?? '0'].map((text) =>
    fraction(text),
  );
  const taken = minus(plus(sum(lots), ...given));
  return { usage: taken, total: taken };
}

function nonZero(measures: Measures): Record<string, string> {
  const told = Object.entries(measures).filter(([, { n }]) => n !== 0n);
  return Object.fromEntries(told.map(([name, value]) => [name, textOf(value)]));
}

function textOf({ n, d }: Fraction): string {
  return n < 0n ? `-${sameText({ n: -n, d })}` : sameText({ n, d });
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
