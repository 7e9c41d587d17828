import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import type { DeliveryFile, LowMark, NewDelivery, PeriodEnd } from './delivery-file';
import type { LowMarks } from './tell-event';

/** What the events of a batch come to, until it is written. */
export class QueueBatch implements LowMarks {
  /** What was booked earlier, milliseconds since 1970, is not told. */
  readonly since: number;
  private deliveries: NewDelivery[] = [];
  private periods: PeriodEnd[] = [];
  private lows = new Map<string, { readonly endpoint: string; readonly account: string; readonly mark: LowMark }>();
  private readonly rulebooksOf = new Map<string, readonly PublishedRulebook[]>();

  constructor(
    private readonly file: DeliveryFile,
    private readonly rulebooks: Rulebooks,
  ) {
    this.since = file.progress().since;
  }

  get size(): number {
    return this.deliveries.length + this.periods.length + this.lows.size;
  }

  add(deliveries: readonly NewDelivery[]): void {
    for (const delivery of deliveries) this.deliveries.push(delivery);
  }

  addPeriod(period: PeriodEnd | undefined): void {
    if (period) this.periods.push(period);
  }

  lowMark(endpoint: string, account: string): LowMark | undefined {
    return this.lows.get(`${endpoint} ${account}`)?.mark ?? this.file.lowMark(endpoint, account);
  }

  setLow(endpoint: string, account: string, mark: LowMark): void {
    const known = this.lowMark(endpoint, account);
    if (known?.isLow === mark.isLow && known.changesAt === mark.changesAt) return;
    this.lows.set(`${endpoint} ${account}`, { endpoint, account, mark });
  }

  /** A platform's rulebooks, asked for once. */
  async versions(platform: string): Promise<readonly PublishedRulebook[]> {
    const known = this.rulebooksOf.get(platform) ?? (await this.rulebooks.confirmed(platform));
    this.rulebooksOf.set(platform, known);
    return known;
  }

  /** Writes all of it together with how far it goes, and gives back the endpoints that something waits for. */
  write(moveOn: () => void, nowMs: number): ReadonlySet<string> {
    const { file, deliveries, periods, lows } = this;
    file.together(() => {
      for (const delivery of deliveries) file.queue(delivery, nowMs);
      for (const { endpoint, account, mark } of lows.values()) file.setLow(endpoint, account, mark);
      for (const period of periods) file.setPeriod(period);
      moveOn();
    });
    this.deliveries = [];
    this.periods = [];
    this.lows = new Map();
    return new Set(deliveries.map(({ endpoint }) => endpoint));
  }
}
