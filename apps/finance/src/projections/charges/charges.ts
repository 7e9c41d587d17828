import type { Database, Statement } from '@meterbook/runtime/sqlite';
import type { Charge, UsageReversed } from '@meterbook/domain/account/charging/events';
import type { Labels } from '@meterbook/domain/usage/labels';
import type { Beside } from '../beside';
import type { BookedEvent, Fold, Projection } from '../projection';
import { BLOCK_ROWS, blockOf } from './block';
import { fromLine, idHashOf, linesIn, type ChargeLine, type Locator } from './charge-line';
import {
  dimensionsOf,
  measuresOf,
  occurredQuarterOf,
  quarterOf,
  reversedMeasuresOf,
  type Dimensions,
  type Measures,
} from './charge-row';
import { FeeRows, feeSchema, feeTables } from './fee-rows';
import { IdRuns, idSchema, idTables } from './id-runs';
import { LabelValues, labelSchema, labelTables, MAX_VALUES_A_DAY } from './label-values';

const DAY_MS = 86_400_000;
/** Platforms whose numbers of charges are remembered. */
const MAX_COUNTED_PLATFORMS = 20_000;

/**
 * Charges by quarter of an hour and by all that reports group them by. A charge is a line at the end of its platform's tail; as soon as
 * there are enough, the first of them are added up into a block. So nothing is written in between what stands already.
 */
export const charges: Projection = chargesWith({ maxLabelValues: MAX_VALUES_A_DAY, blockRows: BLOCK_ROWS });

interface Limits {
  /** Values of one label that are told apart of a platform's UTC day. */
  readonly maxLabelValues: number;
  /** Charges of one block. */
  readonly blockRows: number;
}

/** The same with other limits. */
export function chargesWith(limits: Limits): Projection {
  return {
    name: 'charges',
    layout: 4,
    schema: `
      CREATE TABLE platforms (platform TEXT PRIMARY KEY, charges INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE tail (platform TEXT NOT NULL, first INTEGER NOT NULL, lines TEXT NOT NULL, PRIMARY KEY (platform, first)) WITHOUT ROWID;
      CREATE TABLE blocks (
        platform TEXT NOT NULL, block INTEGER NOT NULL, booked_from INTEGER NOT NULL, booked_to INTEGER NOT NULL,
        occurred_from INTEGER NOT NULL, occurred_to INTEGER NOT NULL, summary TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (platform, block)
      );
      ${idSchema}
      ${labelSchema}
      ${feeSchema}`,
    tables: [
      { name: 'platforms', key: ['platform'] },
      // How many lines stand in a row is a matter of how many were read at a time.
      { name: 'tail', key: ['platform', 'first'], contentOf: linesOfRow },
      { name: 'blocks', key: ['platform', 'block'] },
      ...idTables,
      ...labelTables,
      ...feeTables,
    ],
    open: (database) => new ChargesFold(database, limits),
  };
}

function* linesOfRow(row: readonly unknown[]): Iterable<string> {
  const [platform, , lines] = row;
  for (const line of linesIn(String(lines))) yield `${String(platform)} ${line}`;
}

class ChargesFold implements Fold {
  private readonly labels: LabelValues;
  private readonly fees: FeeRows;
  private readonly ids: IdRuns;
  private readonly findCount: Statement<[string], number>;
  private readonly saveCount: Statement<[string, number]>;
  private readonly insertTail: Statement<[string, number, string]>;
  private readonly readTail: Statement<[string], string>;
  private readonly clearTail: Statement<[string]>;
  private readonly insertBlock: Statement<[string, number, number, number, number, number, string, string]>;
  /** Charges of each platform that are written. */
  private readonly counts = new Map<string, number>();
  /** Lines to be written, by platform. */
  private readonly taken = new Map<string, string[]>();

  constructor(
    database: Database,
    private readonly limits: Limits,
  ) {
    this.labels = new LabelValues(database, limits.maxLabelValues);
    this.fees = new FeeRows(database);
    this.ids = new IdRuns(database);
    this.findCount = database.prepare<[string], number>('SELECT charges FROM platforms WHERE platform = ?').pluck();
    this.saveCount = database.prepare('INSERT OR REPLACE INTO platforms VALUES (?, ?)');
    this.insertTail = database.prepare('INSERT INTO tail VALUES (?, ?, ?)');
    this.readTail = database
      .prepare<[string], string>('SELECT lines FROM tail WHERE platform = ? ORDER BY first')
      .pluck();
    this.clearTail = database.prepare('DELETE FROM tail WHERE platform = ?');
    this.insertBlock = database.prepare('INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  }

  take(booked: BookedEvent): void {
    const { event, platform, account, revision, bookedAt, beside } = booked;
    if (event.type === 'UsageCharged')
      this.takeCharges(event.charges, { platform, account, revision, bookedAt, beside });
    else if (event.type === 'UsageReversed')
      this.takeReversal(event, { platform, account, revision, bookedAt, beside });
    else this.fees.take(booked);
  }

  write(): void {
    for (const [platform, lines] of this.taken) {
      const before = this.countOf(platform);
      const count = before + lines.length;
      this.insertTail.run(platform, before, lines.join('\n'));
      if (this.blocksOf(count) > this.blocksOf(before)) this.cutBlocks(platform, before, count);
      this.saveCount.run(platform, count);
      if (this.counts.size >= MAX_COUNTED_PLATFORMS) this.counts.clear();
      this.counts.set(platform, count);
    }
    this.taken.clear();
  }

  private takeCharges(all: readonly Charge[], where: Where): void {
    const { platform, account, revision, bookedAt } = where;
    const made = all.map((charge): Made => [
      occurredQuarterOf(charge.occurredAt),
      dimensionsOf(charge),
      measuresOf(charge),
      charge.labels === undefined ? null : namedLabels(charge, where),
      idHashOf(charge.id),
    ]);
    // Whatever makes no sense has been refused by now.
    const booked = quarterOf(bookedAt);
    const day = Math.floor(bookedAt / DAY_MS);
    const apart = (label: string, value: string): string => this.labels.ofCharge(day, platform, label, value);
    const lines = this.linesOf(platform);
    for (const [index, [occurred, dimensions, measures, named, idHash]] of made.entries()) {
      const { apiKeyId = null } = all[index] ?? {};
      const labels = named && toldApart(named, apart);
      const place: Locator = [idHash, revision, index];
      const line: ChargeLine = [booked, occurred, account, apiKeyId, labels, dimensions, measures, place];
      lines.push(JSON.stringify(line));
    }
  }

  private takeReversal(event: UsageReversed, where: Where): void {
    const { platform, account, beside } = where;
    if (!beside?.reversed) throw new Error('the charge that it reverses cannot be read');
    const { charge, bookedAt } = beside.reversed;
    const day = Math.floor(bookedAt / DAY_MS);
    const apart = (label: string, value: string): string => this.labels.ofReversed(day, platform, label, value);
    const named = charge.labels === undefined ? null : namedLabels(charge, where);
    const line: ChargeLine = [
      quarterOf(where.bookedAt),
      occurredQuarterOf(event.occurredAt),
      account,
      charge.apiKeyId ?? null,
      named && toldApart(named, apart),
      dimensionsOf(charge),
      reversedMeasuresOf(event, charge),
      [idHashOf(charge.id), event.charge.revision, event.charge.index],
    ];
    this.linesOf(platform).push(JSON.stringify(line));
  }

  private linesOf(platform: string): string[] {
    const known = this.taken.get(platform);
    if (known) return known;
    const lines: string[] = [];
    this.taken.set(platform, lines);
    return lines;
  }

  private countOf(platform: string): number {
    return this.counts.get(platform) ?? this.findCount.get(platform) ?? 0;
  }

  private blocksOf(count: number): number {
    return Math.floor(count / this.limits.blockRows);
  }

  private cutBlocks(platform: string, before: number, count: number): void {
    const { blockRows } = this.limits;
    const lines = this.readTail.all(platform).flatMap(linesIn);
    for (let block = this.blocksOf(before); block < this.blocksOf(count); block++) {
      const some = lines.splice(0, blockRows).map(fromLine);
      const { summary, detail, ...ranges } = blockOf(some);
      const { bookedFrom, bookedTo, occurredFrom, occurredTo } = ranges;
      const [summaryText, detailText] = [JSON.stringify(summary), JSON.stringify(detail)];
      this.insertBlock.run(platform, block, bookedFrom, bookedTo, occurredFrom, occurredTo, summaryText, detailText);
      this.ids.add(platform, block, some);
    }
    this.clearTail.run(platform);
    if (lines.length > 0) this.insertTail.run(platform, count - lines.length, lines.join('\n'));
  }
}

/** Where an event stands, and what is known beside it. */
interface Where {
  readonly platform: string;
  readonly account: string;
  readonly revision: number;
  readonly bookedAt: number;
  readonly beside: Beside | undefined;
}

/** What is made of a charge before anything is changed: when it occurred, and what it bears. */
type Made = readonly [occurredQuarter: number, Dimensions, Measures, named: Labels | null, idHash: number];

/** Those labels of a charge that its rulebook names; throws where nobody can say. */
function namedLabels({ labels = {}, rulebook }: Charge, { beside }: Where): Labels {
  if (!beside?.facts) throw new Error("its platform's rulebooks, which say what its labels are, cannot be read");
  const named = beside.facts.labelsOf(rulebook).filter((label) => labels[label] !== undefined);
  if (named.some((label) => typeof labels[label] !== 'string')) throw new Error('a label of it is no text');
  return Object.fromEntries(named.sort().map((label) => [label, labels[label] ?? '']));
}

function toldApart(named: Labels, valueOf: (label: string, value: string) => string): Labels | null {
  const all = Object.entries(named);
  return all.length === 0 ? null : Object.fromEntries(all.map(([label, value]) => [label, valueOf(label, value)]));
}
