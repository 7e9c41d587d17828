import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import type { Position } from '@meterbook/event-store/event-store';
import type { DeliveryFile, NewDelivery, PeriodEnd } from './delivery-file';
import type { LowMarks } from './tell-event';

/** What the events of a batch come to, until it is written. */
export class QueueBatch implements LowMarks {
  /** What was booked earlier, milliseconds since 1970, is not told. */
  readonly since: number;
  private deliveries: NewDelivery[] = [];
  private periods: PeriodEnd[] = [];
  private lows = new Map<string, readonly [endpoint: string, account: string, isLow: boolean]>();
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

  get(endpoint: string, account: string): boolean | undefined {
    return this.lows.get(`${endpoint} ${account}`)?.[2] ?? this.file.isLow(endpoint, account);
  }

  set(endpoint: string, account: string, isLow: boolean): void {
    if (this.get(endpoint, account) !== isLow) this.lows.set(`${endpoint} ${account}`, [endpoint, account, isLow]);
  }

  /** A platform's rulebooks, asked for once. */
  async versions(platform: string): Promise<readonly PublishedRulebook[]> {
    const known = this.rulebooksOf.get(platform) ?? (await this.rulebooks.confirmed(platform));
    this.rulebooksOf.set(platform, known);
    return known;
  }

  /** Writes all of it together with the position that it goes up to, and gives back the endpoints that something waits for. */
  write(position: Position, nowMs: number): ReadonlySet<string> {
    const { file, deliveries, periods, lows } = this;
    file.together(() => {
      for (const delivery of deliveries) file.queue(delivery, nowMs);
      for (const low of lows.values()) file.setLow(...low);
      for (const period of periods) file.setPeriod(period);
      file.moveTo(position);
    });
    this.deliveries = [];
    this.periods = [];
    this.lows = new Map();
    return new Set(deliveries.map(({ endpoint }) => endpoint));
  }
}
