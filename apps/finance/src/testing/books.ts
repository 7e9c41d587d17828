import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { LotAmount } from '@meterbook/domain/account/wallet/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { planDraw } from '@meterbook/domain/account/wallet/lots';
import { add, decimal, isPositive, max, min, subtract, toText, type Decimal } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { encodeEvent } from '@meterbook/books/event-codec';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { SettableClock } from './settable-clock';

interface Known {
  account: Account | undefined;
  revision: number;
  hash: string;
}

/** Books for tests: an embedded store in a folder of its own and accounts written to it as the ledger would. */
export class Books {
  readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-finance-'));
  readonly clock: SettableClock;
  readonly store: EmbeddedEventStore;
  private readonly known = new Map<string, Known>();

  constructor(
    now: string,
    readonly currency = 'CNY',
  ) {
    this.clock = new SettableClock(Date.parse(now));
    this.store = new EmbeddedEventStore(join(this.directory, 'events'), this.clock);
  }

  get financeDirectory(): string {
    return join(this.directory, 'finance');
  }

  async destroy(): Promise<void> {
    await this.store.close();
    rmSync(this.directory, { recursive: true });
  }

  publish(platform: string): Promise<void> {
    return this.append(`rulebook-${platform}`, { type: 'RulebookPublished' });
  }

  open(name: string): Promise<void> {
    return this.book(name, { type: 'AccountOpened', occurredAt: this.now(), currency: this.currency });
  }

  async recharge(
    name: string,
    rechargeId: string,
    amount: string,
    paid?: { amount: string; currency: string },
  ): Promise<void> {
    const { account, settled, wallet, receivable } = this.intake(name, amount);
    const credited = decimal(amount);
    const { count, largest, cumulative } = account.recharges;
    await this.book(name, {
      type: 'WalletRecharged',
      occurredAt: this.now(),
      rulebook: 1,
      rechargeId,
      provider: 'manual',
      currency: this.currency,
      credited: amount,
      paid: paid ?? { amount, currency: this.currency },
      fxRate: null,
      lot: account.lots.length,
      settled,
      recharges: {
        count: count + 1,
        largest: toText(max(largest, credited)),
        cumulative: toText(add(cumulative, credited)),
      },
      wallet,
      receivable,
      digest: rechargeId,
    });
  }

  async grant(name: string, grantId: string, amount: string, expiresAt: string | null): Promise<void> {
    const { account, settled, wallet, receivable } = this.intake(name, amount);
    await this.book(name, {
      type: 'CreditGranted',
      occurredAt: this.now(),
      rulebook: 1,
      grantId,
      currency: this.currency,
      amount,
      reason: 'trial',
      expiresAt,
      starter: false,
      lot: account.lots.length,
      settled,
      wallet,
      receivable,
      digest: grantId,
    });
  }

  /** Charges usage that occurred at an instant, now where none is given. */
  async charge(name: string, id: string, amount: string, occurredAt = this.now()): Promise<void> {
    const { account } = this.accountOf(name);
    const { lots, drawn } = planDraw(account.burnOrder, decimal(amount), Date.parse(occurredAt));
    const owed = subtract(decimal(amount), drawn);
    await this.book(name, {
      type: 'UsageCharged',
      charges: [chargeOf(id, amount, occurredAt, lots, owed)],
      currency: this.currency,
      wallet: toText(subtract(account.wallet, drawn)),
      receivable: toText(add(account.receivable, owed)),
    });
  }

  /** Changes bytes of a stored event behind the store's back, as a disk or a hand might. */
  spoil(stream: string, revision: number): void {
    const database = openDatabase(join(this.directory, 'events', 'events.db'));
    const changed = database
      .prepare(
        `UPDATE frames SET body = CAST(replace(CAST(body AS TEXT), '"', '!') AS BLOB) WHERE CAST(body AS TEXT) LIKE ?`,
      )
      .run(`${stream} ${revision} %`);
    database.close();
    if (changed.changes !== 1) throw new Error(`${stream} has no frame of its own for revision ${revision}`);
  }

  /** Appends an event whatever it says. */
  async book(name: string, event: AccountEvent): Promise<void> {
    const stream = `account-${name}`;
    const before = this.known.get(stream);
    await this.append(stream, event);
    const known = this.known.get(stream);
    if (known) known.account = evolve(before?.account, event, known.revision);
  }

  /** Appends an event that no fold takes: to plant a fault. */
  async append(stream: string, event: { readonly type: string }): Promise<void> {
    const known = this.known.get(stream) ?? { account: undefined, revision: -1, hash: chainStart };
    const encoded = encodeEvent(stream, known.revision + 1, known.hash, event, { actor: 'test' });
    const expectedRevision = known.revision < 0 ? 'no-stream' : known.revision;
    const [outcome] = await this.store.append([{ stream, expectedRevision, events: [encoded] }]);
    if (outcome?.kind !== 'appended') throw new Error(`${stream} has moved on`);
    this.known.set(stream, { ...known, revision: outcome.revision, hash: encoded.hash });
  }

  accountOf(name: string): { account: Account; revision: number } {
    const known = this.known.get(`account-${name}`);
    if (!known?.account) throw new Error(`${name} was never opened`);
    return { account: known.account, revision: known.revision };
  }

  private intake(
    name: string,
    amount: string,
  ): { account: Account; settled: string; wallet: string; receivable: string } {
    const { account } = this.accountOf(name);
    const settled = min(account.receivable, decimal(amount));
    return {
      account,
      settled: toText(settled),
      wallet: toText(add(account.wallet, subtract(decimal(amount), settled))),
      receivable: toText(subtract(account.receivable, settled)),
    };
  }

  private now(): string {
    return formatInstant(this.clock.now());
  }
}

function chargeOf(id: string, amount: string, occurredAt: string, lots: LotAmount[], owed: Decimal): Charge {
  return {
    source: 'gateway',
    id,
    occurredAt,
    model: 'model-a',
    tier: 'default',
    group: 'default',
    rulebook: 1,
    units: { requests: 1 },
    price: { mode: 'request', unit: amount },
    factors: [],
    amount,
    ...(lots.length > 0 && { lots }),
    ...(isPositive(owed) && { owed: toText(owed) }),
    digest: id.padEnd(11, '0').slice(0, 11),
  };
}
