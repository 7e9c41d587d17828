import type { Account } from '@meterbook/domain/account/account';
import { refused, type Refused } from '@meterbook/domain/account/decision';
import type { Decimal } from '@meterbook/domain/amount/decimal';
import { exchangeOf } from '@meterbook/domain/account/wallet/exchange';
import { inDisplayCurrency, viewAccount } from '@meterbook/domain/account/view';
import { versionInForce, type PublishedRulebook, type Rulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { AccountName } from '@meterbook/books/account-stream';
import { toRefusalProblem } from '../refusals';
import type { AccountDto } from './account-view.dto';

/** An account at an instant, in the rulebook then in force. Throws the problem `currency_unsupported` where no rate is quoted. */
export function showAccount(
  { platform, account: id }: AccountName,
  account: Account,
  rulebooks: readonly PublishedRulebook[],
  atMs: number,
  held: Decimal,
  display: string | undefined,
): AccountDto {
  const rulebook = rulebookAt(rulebooks, atMs);
  const view = viewAccount(account, rulebook, atMs, held);
  const shown = { platform, account: id, ...view };
  if (display === undefined) return shown;
  const money = inDisplayCurrency(view, display, rulebook);
  if (!money) throw toRefusalProblem(noRate(display));
  return { ...shown, display: money };
}

/** Why an account cannot be shown in a currency, for a command to find out before it writes; undefined where it can. */
export function displayRefusal(
  rulebooks: readonly PublishedRulebook[],
  nowMs: number,
  display: string | undefined,
): Refused | undefined {
  const rulebook = versionInForce(rulebooks, nowMs)?.rulebook;
  if (display === undefined || !rulebook) return undefined;
  return exchangeOf(rulebook, rulebook.currency, display) ? undefined : noRate(display);
}

/** The rulebook in force at an instant. Throws the problem `no_rulebook` where none is. */
export function rulebookAt(rulebooks: readonly PublishedRulebook[], atMs: number): Rulebook {
  const version = versionInForce(rulebooks, atMs);
  if (!version) throw toRefusalProblem(refused('no_rulebook', `No rulebook is in force at ${formatInstant(atMs)}.`));
  return version.rulebook;
}

function noRate(currency: string): Refused {
  return refused('currency_unsupported', `The rulebook quotes no rate for ${currency}.`);
}
