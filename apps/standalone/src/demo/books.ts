import type { RebuildDto, RebuildRequestedDto } from '@meterbook/finance/projections/projections.dto';
import type { StatementDto } from '@meterbook/finance/reports/statement/statement.dto';
import type { TrialBalanceDto } from '@meterbook/finance/reports/trial-balance/trial-balance.dto';
import type { VerifyDto } from '@meterbook/finance/verify/verify.controller';
import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import { APIBOX_ACCOUNT } from './apibox';
import { eventually } from './api';
import { minus, sum } from './money';
import { fact, type Stage } from './stage';

const platforms = ['apibox', 'creditpool', 'tokenopen', 'usdcny', 'yunxin'];
/** Entries of the statement: more than the demo books on the account. */
const STATEMENT_ENTRIES = 1000;
/** Longest description of an entry in a statement. */
const whatColumns = 40;

/** What finance asks for: statements, balances, and the proof that they are right. */
export async function books(stage: Stage): Promise<void> {
  stage.page.heading('8. The books');
  await showStatement(stage);
  await showTrialBalances(stage);
  await verify(stage);
  await rebuild(stage);
}

async function showStatement(stage: Stage): Promise<void> {
  const { api, page, checks } = stage;
  const account = `/v1/platforms/apibox/accounts/${APIBOX_ACCOUNT}`;
  page.say(`The statement of ${APIBOX_ACCOUNT}: every entry, with the balance after it.`);
  const { opening, entries, closing, faults } = await api.get<StatementDto>(
    `${account}/statement?limit=${STATEMENT_ENTRIES}`,
  );
  let wallet = opening.wallet;
  const rows = inBatches(entries).map((batch) => {
    const last = batch.at(-1);
    const moved = sum(
      ...batch
        .flatMap(({ legs }) => legs.filter((leg) => leg.ledgerAccount.startsWith('liabilities:wallet:')))
        .map((leg) => minus(leg.amount)),
    );
    wallet = sum(wallet, moved);
    const what = batch.length > 1 ? `${batch.length} charges, the first: ${batch[0]?.what ?? ''}` : (last?.what ?? '');
    const after = last?.balances.wallet ?? '';
    const mark = checks.mark(`balance after ${what}`, after, wallet);
    return [last?.bookedAt.slice(11, 23) ?? '', last?.event ?? '', shortened(what), moved, after, mark];
  });
  const right = { right: true };
  page.table(
    [
      { title: 'booked at' },
      { title: 'entry' },
      { title: 'what' },
      { title: 'moved', ...right },
      { title: 'wallet', ...right },
      { title: '' },
    ],
    [['', '', 'opening balance', '', opening.wallet, ''], ...rows, ['', '', 'closing balance', '', closing.wallet, '']],
  );
  const view = await api.get<AccountDto>(account);
  fact(stage, `the account itself says, ${view.currency}`, view.wallet, closing.wallet);
  fact(stage, 'faults', faults, []);
}

/** The entries that were booked as one event, together. */
function inBatches(entries: StatementDto['entries']): StatementDto['entries'][] {
  const batches = new Map<number | string, StatementDto['entries'][number][]>();
  for (const [index, entry] of entries.entries()) {
    const key = entry.revision ?? `derived ${index}`;
    batches.set(key, [...(batches.get(key) ?? []), entry]);
  }
  return [...batches.values()];
}

async function showTrialBalances(stage: Stage): Promise<void> {
  const { api, page, checks, till } = stage;
  page.say('A trial balance per platform: whatever was debited was credited, in every commodity.');
  const rows: string[][] = [];
  for (const platform of platforms) {
    const path = `/v1/platforms/${platform}/finance/trial-balance?rollup=control`;
    const { lines, totals } = await api.until<TrialBalanceDto>(path, ({ final }) => final);
    const revenue = lines.find(({ ledgerAccount }) => ledgerAccount === 'revenue:usage');
    const earned = minus(revenue?.balance ?? '0');
    for (const { commodity, debit, credit, balance } of totals) {
      const isHome = commodity === revenue?.commodity;
      const marks = [
        checks.mark(`trial balance of ${platform}, ${commodity}`, { balance, debit }, { balance: '0', debit: credit }),
      ];
      if (isHome) marks.push(checks.mark(`revenue of ${platform}`, earned, till.of(platform)));
      const worst = marks.find((mark) => mark !== '✓') ?? '✓';
      rows.push([platform, commodity, debit, credit, balance, isHome ? earned : '', worst]);
    }
  }
  const columns = ['platform', 'commodity', 'debit', 'credit', 'balance', 'usage revenue', ''];
  page.table(
    columns.map((title, c) => ({ title, right: c > 1 && title !== '' })),
    rows,
  );
  page.fact('Usage revenue is, to the last digit, the sum of the charges above less the reversal and what pools paid.');
}

async function verify({ api, page, checks }: Stage): Promise<void> {
  page.say('Every stored byte against its hash chain, every balance by folding each account again:');
  const { ok, streams, events, faults } = await api.send<VerifyDto>('POST', '/v1/verify');
  const mark = checks.mark('verify', { ok, faults }, { ok: true, faults: [] });
  page.fact(`ok: ${ok}; ${events.toLocaleString('en')} events in ${streams} streams ${mark}`);
}

async function rebuild(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.say(
    'A projection is disposable. The trial balance is filled anew from position 0 beside the live one, compared, swapped:',
  );
  const { rebuildId } = await api.send<RebuildRequestedDto>('POST', '/v1/projections/trial-balance/rebuild');
  const path = `/v1/projections/trial-balance/rebuilds/${rebuildId}`;
  page.call('GET', path);
  const done = await eventually(
    path,
    async () => {
      const status = await api.quietly<RebuildDto>('GET', path);
      page.progress(
        `${status.state}: position ${status.position} of ${status.target}, ${Math.round(status.progress * 100)} %`,
      );
      return status;
    },
    ({ state }) => state !== 'running',
  );
  fact(stage, 'state', done.state, 'swapped');
  fact(stage, 'identical to the one it replaced', done.identical, true);
  page.why('rows', String(done.rows ?? 0), 'checksum'.length);
  page.why('checksum', done.checksum ?? '');
}

function shortened(text: string): string {
  return text.length <= whatColumns ? text : `${text.slice(0, whatColumns - 1)}…`;
}
