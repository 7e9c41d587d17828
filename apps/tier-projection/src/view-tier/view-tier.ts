import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { foldRecharge, type TierState } from '@meterbook/domain/tier/tier';
import { viewTier, type TierView } from '@meterbook/domain/tier/view-tier';
import { zero } from '@meterbook/domain/amount/decimal';
import { EventStore } from '@meterbook/event-store/event-store';
import { Problem } from '@meterbook/http/problem/problem';
import { Clock } from '@meterbook/runtime/clock';
import { readTier } from '../promote-tier/tier-states';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { RechargeTotals } from './recharge-totals';
import type { AccountRecharges } from './recharge-totals-file';

export class ViewTier {
  constructor(
    readonly platform: string,
    readonly account: string,
  ) {}
}

/** An account's tier by pin and rules, its recharges so far, and what leads to the next tier. */
@QueryHandler(ViewTier)
export class ViewTierHandler implements IQueryHandler<ViewTier, TierView> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly rulebooks: Rulebooks,
    private readonly recharges: RechargeTotals,
  ) {}

  async execute({ platform, account }: ViewTier): Promise<TierView> {
    const versions = await this.rulebooks.confirmed(platform);
    if (this.rulebooks.lastNumber(platform) === 0)
      throw new Problem('unknown_platform', `No rulebook was ever published for ${platform}.`);
    const name = `${platform}/${account}`;
    if ((await this.store.head(`account-${name}`)) === 'no-stream')
      throw new Problem('unknown_account', `${platform} has no account ${account}.`);
    const inForce = versionInForce(versions, this.clock.now());
    if (!inForce) throw new Problem('no_rulebook', `No rulebook of ${platform} is in force yet.`);
    const { state } = await readTier(this.store, name);
    return viewTier(withRecharges(state, this.recharges.of(name)), inForce.rulebook);
  }
}

/** Promotions say what was recharged up to them; the file also knows what came after the last one. */
function withRecharges(state: TierState, recharges: AccountRecharges | undefined): TierState {
  if (!recharges) return state;
  const { revision, totals } = recharges;
  return foldRecharge(state, { rechargeId: '', occurredAt: 0, amount: zero, revision, totals });
}
