import type { AccountEvent } from '../account/events';
import { decimal } from '../amount/decimal';
import { balancesAfter, misstatedBy, noBalances, type Balances } from './balances';
import { receivableOf, walletOf } from './legs';
import { inLedgerOrder } from './postings';
import { backupOf, mainOf } from './subscription-legs';

const leg = (ledgerAccount: string, amount: string, commodity = 'USD') => ({
  ledgerAccount,
  commodity,
  amount: decimal(amount),
});
const balances = (wallet: string, receivable: string, main: string, backup: string): Balances => ({
  wallet: decimal(wallet),
  receivable: decimal(receivable),
  main: decimal(main),
  backup: decimal(backup),
});

describe('the balances of an account', () => {
  it('are what its own legs come to: what it has is a debt of the platform, what it owes is not', () => {
    const legs = [
      leg(walletOf('a'), '-10'),
      leg(walletOf('a'), '3'),
      leg(receivableOf('a'), '2'),
      leg(mainOf('a'), '-500', 'CREDIT'),
      leg(backupOf('a'), '-70', 'CREDIT'),
      leg(walletOf('b'), '-99'),
      leg('external:manual', '10'),
    ];
    expect(balancesAfter(noBalances, legs, 'a')).toEqual(balances('7', '2', '500', '70'));
    expect(balancesAfter(balances('1', '1', '1', '1'), [leg(walletOf('a'), '1')], 'a')).toEqual(
      balances('0', '1', '1', '1'),
    );
    expect(noBalances).toEqual(balances('0', '0', '0', '0'));
  });

  it('are compared with what an event states of them, and of what it does not state nothing is said', () => {
    const event = (stated: object): AccountEvent => ({ type: 'CreditGranted', ...stated }) as unknown as AccountEvent;
    const found = balances('7', '0', '500', '70');
    const stated = { wallet: '7', receivable: '0', pools: ['500', '70'] };
    expect(misstatedBy(event(stated), found)).toBeUndefined();
    expect(misstatedBy(event({ wallet: '7' }), found)).toBeUndefined();
    expect(misstatedBy(event({ wallet: '7' }), balances('7', '2', '0', '0'))).toBe(
      'it states the receivable 0, its entries come to 2',
    );
    expect(misstatedBy(event({ receivable: '3' }), found)).toBeUndefined();
    expect(misstatedBy(event({ ...stated, wallet: '8' }), found)).toBe('it states the wallet 8, its entries come to 7');
    expect(misstatedBy(event({ ...stated, pools: ['499', '70'] }), found)).toBe(
      'it states the main 499, its entries come to 500',
    );
    expect(misstatedBy(event({ ...stated, pools: ['500', '71'] }), found)).toBe(
      'it states the backup 71, its entries come to 70',
    );
  });
});

describe('the legs of an answer', () => {
  it('are ordered by ledger account, then by commodity, each by code point', () => {
    const legs = [
      leg('b', '1', 'USD'),
      leg('a', '2', 'USD'),
      leg('b', '3', 'CREDIT'),
      leg('B', '4'),
      leg('a', '5', 'USD'),
    ];
    expect(
      inLedgerOrder(legs).map(({ ledgerAccount, commodity, amount }) => [ledgerAccount, commodity, amount]),
    ).toEqual([
      ['B', 'USD', decimal('4')],
      ['a', 'USD', decimal('2')],
      ['a', 'USD', decimal('5')],
      ['b', 'CREDIT', decimal('3')],
      ['b', 'USD', decimal('1')],
    ]);
    expect(legs).toHaveLength(5);
  });
});
