import { decimal, isZero, negate, toText, type Decimal } from '../../amount/decimal';
import type { UsageReversed } from '../charging/events';
import { enumerated, equation, equations, type Explained } from './explained';
import { sumOfLots } from './explain-payments';

/** What of a charge that was taken back came back, and where to. */
interface Back {
  readonly amount: Decimal;
  /** What it is in the formula, and what became of it in the sentence. */
  readonly what: string;
  readonly told: string;
  /** Whether the wallet has it now. */
  readonly inWallet: boolean;
}

/** What came back of a charge, source by source, and what of it paid what was owed. */
export function explainReversal(event: UsageReversed): Explained {
  const { currency, amount, reason, id, charged, credits } = event;
  const back = backOf(event);
  const settled = sumOfLots(event.settledFrom);
  const inWallet = back.filter((part) => part.inWallet);
  const money = equation(
    back.map((part) => [part.amount, part.what] as const),
    `${currency} back`,
  );
  const wallet = equation(
    [...inWallet.map((part) => [part.amount, part.what] as const), [negate(settled), 'paid what was owed']],
    `${currency} into the wallet`,
  );
  const [, main, backup] = credits ?? [0, '0', '0'];
  const pools = equation(
    [
      [decimal(main), 'back in the main pool'],
      [decimal(backup), 'back in the backup pool'],
    ],
    'credits back',
  );
  const told = [
    ...back.filter((part) => !isZero(part.amount)).map((part) => `${toText(part.amount)} ${currency} ${part.told}`),
    ...(main === '0' ? [] : [`${main} credits came back into the main pool`]),
    ...(backup === '0' ? [] : [`${backup} credits came back into the backup pool`]),
    ...(isZero(settled) ? [] : [`${toText(settled)} ${currency} of what came back paid what was owed`]),
  ];
  const isAllInWallet = isZero(settled) && back.every((part) => part.inWallet || isZero(part.amount));
  const what = `The charge of ${amount} ${currency} for ${charged?.model ?? `the usage ${id}`} was taken back (${reason})`;
  return {
    formula: equations([money, ...(isAllInWallet ? [] : [wallet]), ...(credits === undefined ? [] : [pools])]),
    sentence: told.length === 0 ? `${what}.` : `${what}: ${enumerated(told)}.`,
  };
}

const noneGranted = { settledBack: '0', promoted: '0', expired: '0' };

function backOf({ lots, forgiven, writtenOff = '0', granted }: UsageReversed): readonly Back[] {
  const { settledBack, promoted, expired = '0' } = granted ?? noneGranted;
  const came = 'came back into the wallet';
  const back = (amount: Decimal | string, what: string, told: string, inWallet: boolean): Back => ({
    ...{ what, told, inWallet },
    amount: typeof amount === 'string' ? decimal(amount) : amount,
  });
  return [
    back(sumOfLots(lots), 'back where the wallet had it from', came, true),
    back(settledBack, 'had been owed and paid since', `that had been owed and paid since ${came}`, true),
    back(expired, 'from a credit that has expired since', `of a credit that has expired since ${came}`, true),
    back(promoted, 'for credits of a period that is over', `for credits of a period that is over ${came}`, true),
    back(forgiven, 'no longer owed', 'are no longer owed', false),
    back(writtenOff, 'had been written off', 'had been written off', false),
  ];
}
