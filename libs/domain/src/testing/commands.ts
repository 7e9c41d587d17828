import { decimal } from '../amount/decimal';
import type { Charge, UsageCharged } from '../account/charging/events';
import type { WalletRecharged } from '../account/wallet/events';
import type { SettingsChange } from '../account/standing/events';
import type { AccountEvent } from '../account/events';
import type { FoundCharge } from '../account/charging/reverse';
import type { Usage } from '../usage/usage';

/** The day the examples happen on; `at(h)` is its h-th hour. */
export function at(hour: number): number {
  return Date.parse('2026-11-21T00:00:00.000Z') + hour * 3_600_000;
}

/** The same instant as it is stored. */
export function atText(hour: number): string {
  return new Date(at(hour)).toISOString();
}

/** Now is the hour, and the command says nothing else. */
export function nowAt(hour: number): { occurredAt: null; now: number } {
  return { occurredAt: null, now: at(hour) };
}

export function aRecharge(rechargeId: string, amount: string, hour: number, currency = 'USD', provider = 'manual') {
  const digest = `${provider} ${amount} ${currency}`;
  return { rechargeId, provider, amount: decimal(amount), currency, digest, time: nowAt(hour) };
}

export function aGrant(grantId: string, amount: string | null, hour: number, expiresAt: number | null = null) {
  const reason = amount === null ? 'trial' : 'goodwill';
  const digest = `${amount ?? ''} ${reason} ${expiresAt ?? ''}`;
  return { grantId, amount: amount === null ? null : decimal(amount), reason, expiresAt, digest, time: nowAt(hour) };
}

export function aChange(change: SettingsChange, hour: number) {
  return { change, time: nowAt(hour) };
}

/** Usage of the model `one`: so many requests in an hour. */
export function usage(id: string, requests: number, hour: number, more: Partial<Usage> = {}): Usage {
  return {
    source: 'gateway',
    id,
    occurredAt: at(hour),
    model: 'one',
    apiKeyId: null,
    group: null,
    channel: null,
    authorizationId: null,
    units: { requests },
    fields: {},
    digest: `${id} ${requests}`,
    traceparent: null,
    ...more,
  };
}

export function aReversal(reversalId: string, id: string, hour: number) {
  return { reversalId, source: 'gateway', id, reason: 'upstream failed', digest: id, time: nowAt(hour) };
}

export function aRefund(refundId: string, rechargeId: string, hour: number) {
  return { refundId, rechargeId, digest: rechargeId, time: nowAt(hour) };
}

/** Of all that is not claimed where no amount is given. */
export function aDispute(disputeId: string, rechargeId: string, hour: number, amount: string | null = null) {
  const digest = `${rechargeId} ${amount ?? 'all'}`;
  return { disputeId, rechargeId, amount: amount === null ? null : decimal(amount), digest, time: nowAt(hour) };
}

export function aClosing(
  disputeId: string,
  rechargeId: string,
  outcome: 'won' | 'lost',
  hour: number,
  fee: string | null = null,
) {
  const digest = `${outcome} ${fee ?? ''}`;
  return { disputeId, rechargeId, outcome, fee: fee === null ? null : decimal(fee), digest, time: nowAt(hour) };
}

export function aWriteOff(writeOffId: string, amount: string, hour: number) {
  return { writeOffId, amount: decimal(amount), reason: 'never paid', digest: amount, time: nowAt(hour) };
}

/** The recharge of an id in a history; undefined where there is none. */
export function rechargeIn(history: readonly AccountEvent[], rechargeId: string): WalletRecharged | undefined {
  return history.find(
    (event): event is WalletRecharged => event.type === 'WalletRecharged' && event.rechargeId === rechargeId,
  );
}

/** Where a usage was charged in a history; undefined where it was not. */
export function chargeIn(history: readonly AccountEvent[], id: string): FoundCharge | undefined {
  for (const [revision, event] of history.entries()) {
    const charges: readonly Charge[] = event.type === 'UsageCharged' ? event.charges : [];
    const index = charges.findIndex((charge) => charge.id === id);
    const charge = charges[index];
    if (charge !== undefined) return { charge, revision, index };
  }
  return undefined;
}

export function chargesOf(event: UsageCharged | null): readonly Charge[] {
  return event?.charges ?? [];
}
