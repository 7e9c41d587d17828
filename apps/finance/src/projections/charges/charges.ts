import type { Database, Statement } from '@meterbook/runtime/sqlite';
import type { Charge, UsageReversed } from '@meterbook/domain/account/charging/events';
import type { Labels } from '@meterbook/domain/usage/labels';
import type { BookedEvent, Fold, Projection } from '../projection';
import { BLOCK_ROWS, blockOf } from './block';
import { idHashOf, type ChargeLine, type Locator } from './charge-line';
import {
  measuresOf,
  occurredQuarterOf,
  quarterOf,
  reversedMeasuresOf,
  type Dimensions,
  type Measures,
} from './charge-row';
import { FeeRows, feeSchema, feeTables } from './fee-rows';
import { IdRuns, idSchema, idTables } from './id-runs';
import { KnownDimensions } from './known-dimensions';
import { LabelValues, labelSchema, labelTables, MAX_VALUES_A_DAY } from './label-values';
import { Tails, tailSchema, tailTables } from './tails';

const DAY_MS = 86_400_000;

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
      ${tailSchema}
      CREATE TABLE blocks (
        platform TEXT NOT NULL, block INTEGER NOT NULL, booked_from INTEGER NOT NULL, booked_to INTEGER NOT NULL,
        occurred_from INTEGER NOT NULL, occurred_to INTEGER NOT NULL, summary TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (platform, block)
      );
      ${idSchema}
      ${labelSchema}
      ${feeSchema}`,
    tables: [...tailTables, { name: 'blocks', key: ['platform', 'block'] }, ...idTables, ...labelTables, ...feeTables],
    open: (database) => new ChargesFold(database, limits),
  };
}

class ChargesFold implements Fold {
  private readonly labels: LabelValues;
  private readonly fees: FeeRows;
  private readonly ids: IdRuns;
  private readonly dimensions = new KnownDimensions();
  private readonly tails: Tails;
  private readonly insertBlock: Statement<[string, number, number, number, number, number, string, string]>;

  constructor(database: Database, limits: Limits) {
    this.labels = new LabelValues(database, limits.maxLabelValues);
    this.fees = new FeeRows(database);
    this.ids = new IdRuns(database);
    this.tails = new Tails(database, limits.blockRows);
    this.insertBlock = database.prepare('INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  }

  take(booked: BookedEvent): void {
    const { event } = booked;
    if (event.type === 'UsageCharged') this.takeCharges(event.charges, booked);
    else if (event.type === 'UsageReversed') this.takeReversal(event, booked);
    else this.fees.take(booked);
  }

  write(): void {
    this.tails.write((platform, block, lines) => {
      const { summary, detail, bookedFrom, bookedTo, occurredFrom, occurredTo } = blockOf(lines);
      const [summaryText, detailText] = [JSON.stringify(summary), JSON.stringify(detail)];
      this.insertBlock.run(platform, block, bookedFrom, bookedTo, occurredFrom, occurredTo, summaryText, detailText);
      this.ids.add(platform, block, lines);
    });
  }

  private takeCharges(all: readonly Charge[], where: BookedEvent): void {
    const { platform, account, revision, bookedAt } = where;
    const made = all.map((charge): Made => [
      charge,
      occurredQuarterOf(charge.occurredAt),
      this.dimensions.of(charge),
      measuresOf(charge),
      charge.labels === undefined ? none : labelsNamed(charge, where),
      idHashOf(charge.id),
    ]);
    // Whatever makes no sense has been refused by now.
    const booked = quarterOf(bookedAt);
    const day = Math.floor(bookedAt / DAY_MS);
    const apart = (label: string, value: string): string => this.labels.ofCharge(day, platform, label, value);
    const lines = this.tails.linesOf(platform);
    for (const [index, [charge, occurred, dimensions, measures, named, idHash]] of made.entries()) {
      const place: Locator = [idHash, revision, index];
      const labels = toldApart(charge, named, apart);
      lines.push([booked, occurred, account, charge.apiKeyId ?? null, labels, dimensions, measures, place]);
    }
  }

  private takeReversal(event: UsageReversed, where: BookedEvent): void {
    const { platform, account, beside } = where;
    if (!beside?.reversed) throw new Error('the charge that it reverses cannot be read');
    const { charge, bookedAt } = beside.reversed;
    const day = Math.floor(bookedAt / DAY_MS);
    const apart = (label: string, value: string): string => this.labels.ofReversed(day, platform, label, value);
    const named = charge.labels === undefined ? none : labelsNamed(charge, where);
    const line: ChargeLine = [
      quarterOf(where.bookedAt),
      occurredQuarterOf(event.occurredAt),
      account,
      charge.apiKeyId ?? null,
      toldApart(charge, named, apart),
      this.dimensions.of(charge),
      reversedMeasuresOf(event, charge),
      [idHashOf(charge.id), event.charge.revision, event.charge.index],
    ];
    this.tails.linesOf(platform).push(line);
  }
}

/** What is made of a charge before anything is changed: when it occurred, and what it bears. */
type Made = readonly [Charge, occurredQuarter: number, Dimensions, Measures, named: readonly string[], idHash: number];

const none: readonly string[] = [];

/** The names of those labels of a charge that its rulebook names, in order; throws where nobody can say. */
function labelsNamed({ labels = {}, rulebook }: Charge, { beside }: BookedEvent): readonly string[] {
  if (!beside?.facts) throw new Error("its platform's rulebooks, which say what its labels are, cannot be read");
  const names = beside.facts.labelsOf(rulebook).filter((label) => labels[label] !== undefined);
  if (names.some((label) => typeof labels[label] !== 'string')) throw new Error('a label of it is no text');
  return names.length > 1 ? names.sort() : names;
}

function toldApart(
  { labels = {} }: Charge,
  names: readonly string[],
  valueOf: (label: string, value: string) => string,
): Labels | null {
  if (names.length === 0) return null;
  return Object.fromEntries(names.map((label) => [label, valueOf(label, labels[label] ?? '')]));
}
