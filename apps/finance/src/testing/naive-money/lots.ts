import type { AccountEvent } from '@meterbook/domain/account/events';
import { money } from './amounts';
import type { Piece } from './pieces';

export interface NaiveLot {
  readonly isPaid: boolean;
  readonly expires: number;
  left: bigint;
}

type Moves = readonly (readonly [lot: number, amount: string])[];

/** What something does to lots: one that it opens, and what others lose or regain. */
interface Effect {
  readonly opens?: {
    readonly lot: number;
    readonly isPaid: boolean;
    readonly amount: bigint;
    readonly expires?: string | null;
  };
  readonly taken?: Moves;
  readonly given?: Moves;
}

/** Lots by what of an account's events counts; which kind a lot is follows from the event that opens it, whether that counts or not. */
export function lotsOf(pieces: readonly Piece[], counted: ReadonlySet<Piece>): NaiveLot[] {
  const lots = new Map<number, NaiveLot>();
  for (const piece of pieces) {
    const isCounted = counted.has(piece);
    const { opens, given = [], taken = [] } = effectOf(piece);
    if (opens) {
      const { lot, isPaid, amount, expires = null } = opens;
      const until = expires === null ? Infinity : Date.parse(expires);
      lots.set(lot, { isPaid, expires: until, left: isCounted ? amount : 0n });
    }
    const move = (moves: Moves, sign: bigint): void => {
      for (const [number, amount] of moves) {
        const lot = lots.get(number);
        if (lot && isCounted) lot.left += sign * money(amount);
      }
    };
    move(given, 1n);
    move(taken, -1n);
  }
  return [...lots.values()];
}

function effectOf({ event, charge }: Piece): Effect {
  if (charge) return { taken: charge.lots ?? [] };
  if (event.type === 'RechargeRefunded') return { taken: [[event.lot, event.refunded]] };
  if (event.type === 'DisputeClosed') {
    if (event.outcome === 'won') return { taken: [[event.lot, event.settled ?? '0']] };
    return { taken: [[event.lot, event.thawed], ...(event.lots ?? [])] };
  }
  if (event.type === 'AccountSettingsChanged') return 'settled' in event ? { taken: event.settled } : {};
  return openedBy(event);
}

function openedBy(event: AccountEvent): Effect {
  if (event.type === 'WalletRecharged')
    return { opens: { lot: event.lot, isPaid: true, amount: money(event.credited) - money(event.settled) } };
  if (event.type === 'CreditGranted') {
    const { lot, amount, settled, expiresAt } = event;
    return { opens: { lot, isPaid: false, amount: money(amount) - money(settled), expires: expiresAt } };
  }
  if (event.type === 'PlanSwitched') {
    const { lot, credit, settled } = event;
    return lot === undefined ? {} : { opens: { lot, isPaid: true, amount: money(credit) - money(settled) } };
  }
  if (event.type !== 'UsageReversed') return {};
  const { granted, lots: given, settledFrom: taken } = event;
  if (!granted) return { given, taken };
  const amount = money(granted.settledBack) + money(granted.promoted) + money(granted.expired ?? '0');
  return { opens: { lot: granted.lot, isPaid: false, amount }, given, taken };
}
