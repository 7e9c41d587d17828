import type { StatementDto } from '@meterbook/finance/reports/statement/statement.dto';
import type { DeadLetterPageDto } from '@meterbook/ledger/dead-letters/dead-letter.dto';
import type { PublishedRulebookDto, VersionDto } from '@meterbook/ledger/rulebooks/rulebook.dto';
import type { ReversalDto } from '@meterbook/ledger/charges/reverse-charge.dto';
import { chargeOf, SOURCE, toEvent, type Call } from './metering';
import { fact, type Stage } from './stage';
import { FAILED_CALL, USDCNY_ACCOUNT } from './usdcny';

/** Nothing is edited: a charge is undone by an entry of its own, and rules change by a next version. */
export async function mending(stage: Stage): Promise<void> {
  stage.page.heading('6. What went wrong, and how it is mended');
  await undoFailedCall(stage);
  await mendDeadLetter(stage);
}

async function undoFailedCall(stage: Stage): Promise<void> {
  const { api, page, till } = stage;
  const account = `/v1/platforms/usdcny/accounts/${USDCNY_ACCOUNT}`;
  page.say(`The priority call ${FAILED_CALL.id} of usdcny failed upstream. Its charge is reversed; the money is back.`);
  const reversal = { reversalId: 'reversal-1', source: SOURCE, id: FAILED_CALL.id, reason: 'upstream failed' };
  const { returned } = await api.send<ReversalDto>('POST', `${account}/charges/reversals`, reversal);
  till.reversed('usdcny', FAILED_CALL.amount);
  fact(stage, 'returned', returned, [{ from: 'wallet', amount: FAILED_CALL.amount }]);
  const { reversed } = await chargeOf(api, 'usdcny', USDCNY_ACCOUNT, FAILED_CALL.id);
  fact(stage, 'the charge still stands, as reversed', reversed, true);
  const again = await api.refused('POST', `${account}/charges/reversals`, { ...reversal, reversalId: 'reversal-2' });
  fact(stage, 'a second reversal', `${again.status} ${again.code}`, '409 already_reversed');

  const { entries } = await api.get<StatementDto>(`${account}/statement`);
  const entry = entries.at(-1);
  page.say(`The entry that did it, revision ${entry?.revision ?? '?'} of its stream: ${entry?.what ?? ''}`);
  const legs = entry?.legs ?? [];
  page.table(
    [{ title: 'ledger account' }, { title: 'commodity' }, { title: 'amount, + debit − credit', right: true }],
    legs.map(({ ledgerAccount, commodity, amount }) => [ledgerAccount, commodity, amount]),
  );
  const expected = [
    { ledgerAccount: `liabilities:wallet:${USDCNY_ACCOUNT}`, commodity: 'USD', amount: `-${FAILED_CALL.amount}` },
    { ledgerAccount: 'revenue:usage', commodity: 'USD', amount: FAILED_CALL.amount },
  ];
  // The legs of an entry have no order.
  const found = legs.toSorted((a, b) => (a.ledgerAccount < b.ledgerAccount ? -1 : 1));
  page.fact(
    `legs that are equal and opposite to the charge's ${stage.checks.mark('legs of the reversal', found, expected)}`,
  );
}

async function mendDeadLetter(stage: Stage): Promise<void> {
  const { api, page, till } = stage;
  const path = '/v1/platforms/tokenopen/rulebook';
  page.say('A model that no rulebook prices yet is used on tokenopen. The call cannot be charged, and is not lost.');
  const call: Call = { id: 'new-model', model: 'mistral-large', units: { inputTokens: 10_000, outputTokens: 2_000 } };
  await api.send('POST', '/v1/usage', toEvent('tokenopen', 'acct-11', call));
  const letters = '/v1/dead-letters?platform=tokenopen';
  const waiting = await api.until<DeadLetterPageDto>(letters, ({ items }) => items.length > 0);
  const [letter] = waiting.items;
  fact(stage, 'dead letters', waiting.items.length, 1);
  fact(stage, 'reason', letter?.reason, 'unknown_model');

  page.say(
    'Version 2 of the rulebook prices it. A charge follows the version in force when the usage occurred, so version 2 is ' +
      "published with version 1's first instant. What was charged by version 1 stays as it was.",
  );
  const { rulebook, effectiveFrom } = await api.get<PublishedRulebookDto>(path);
  const price = { mode: 'token', per: 1_000_000, input: '2', output: '6' };
  const models = [...(rulebook['models'] as readonly object[]), { id: 'mistral-*', group: 'default', price }];
  const { version } = await api.send<VersionDto>('PUT', path, { effectiveFrom, ...rulebook, models });
  fact(stage, 'version', version, 2);

  page.say('Redriven, the dead letter is charged and leaves the list.');
  await api.send('POST', `/v1/dead-letters/${letter?.id ?? ''}/redrive`);
  const charged = await chargeOf(api, 'tokenopen', 'acct-11', call.id);
  // 0.01 M × 2 + 0.002 M × 6 = 0.032 USD, in the model's group.
  till.charged('tokenopen', '0.032');
  fact(stage, 'charged, USD', charged.amount, '0.032');
  fact(stage, 'by version', charged.rulebookVersion, 2);
  page.why('why', charged.explain);
  const left = await api.until<DeadLetterPageDto>(letters, ({ items }) => items.length === 0);
  fact(stage, 'dead letters', left.items.length, 0);
}
