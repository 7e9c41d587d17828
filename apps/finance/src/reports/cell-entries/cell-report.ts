import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { KnownFacts } from '../../projections/platform-facts';
import type { ProjectionReader } from '../../projections/projection-reader';
import { damagedOf, type DamagedAccounts } from '../damaged-accounts';
import { refuseUnknownLabels } from '../grouped/grouped-reports';
import { Grouping, type Question } from '../grouped/question';
import { FIRST_PLACE, type CellPlace } from './cell-cursor';
import { cellDeclarationOf } from './cell-declarations';
import type { CellEntry, CellSource } from './cell-entry';
import { pageOf } from './cell-page';
import type { CellQuestion } from './cell-question';
import { cellSources } from './cell-sources';

/** A page of the entries that a cell of a report is the sum of. */
export interface CellPage {
  readonly question: Question;
  readonly currency: string | null;
  readonly watermark: number;
  readonly final: boolean;
  readonly damaged: DamagedAccounts;
  readonly items: readonly CellEntry[];
  readonly next: CellPlace | null;
}

/** Tells the entries that a cell of a report is the sum of: from the rows that it counts, and from the events themselves. */
export class CellReport {
  private readonly sources: Readonly<Record<string, CellSource>>;

  constructor(
    store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
    private readonly facts: KnownFacts,
  ) {
    this.sources = cellSources(store, clock, reader);
  }

  /** Throws the problem `unknown_label` where no rulebook of the platform names a label that is asked for. */
  async open({ question, place, limit }: CellQuestion): Promise<CellPage> {
    const { platform, report, basis, end, derivedAt } = question;
    const source = this.sources[report];
    if (!source) throw new Error(`nothing takes ${report} apart`);
    const { projection, kind } = cellDeclarationOf(report);
    const facts = await this.facts.of(platform);
    refuseUnknownLabels(new Grouping(question).needed, facts);
    const last = end === null ? Infinity : kind === 'movements' ? end - 1 : end;
    await this.reader.isFinalAt(projection, Math.min(last, this.clock.now()));
    const snapshot = this.reader.snapshot(projection);
    const nothing = { question, currency: facts.currency, items: [], next: null };
    if (!snapshot) return { ...nothing, watermark: -1, final: false, damaged: { count: 0, accounts: [] } };
    try {
      const damaged = damagedOf(snapshot.damaged, platform);
      const { watermark } = snapshot.progress;
      const final = basis === 'booked' && last < watermark && damaged.count === 0;
      const after = place === null || place.after === FIRST_PLACE ? null : place.after;
      const steps = source({ question, snapshot, facts, after });
      return { ...nothing, watermark, final, damaged, ...(await pageOf(steps, place, limit, derivedAt)) };
    } finally {
      snapshot.close();
    }
  }
}
