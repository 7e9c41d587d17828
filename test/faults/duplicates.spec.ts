import { chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { add, toText, zero } from '@meterbook/domain/amount/decimal';
import { EmbeddedLedger, platform, usageRecord } from '@meterbook/ledger/testing/embedded-ledger';
import { accountStream } from '@meterbook/books/account-stream';
import type { DeliveredRecord } from '@meterbook/topics/topics';

const usages = 100_000;
const accounts = 300;
const duplicateShare = 0.3;
const largestBatch = 3_000;

/** Park and Miller's generator: a run can be repeated with its seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

describe('usage that arrives more than once and in any order', () => {
  it(
    `comes to exact balances: ${usages} usages, ${duplicateShare * 100} % duplicates, shuffled, in batches of any size`,
    async () => {
      const below = seeded(Date.now() % 2_147_483_647);
      const ledger = new EmbeddedLedger();
      await ledger.publish();
      for (let a = 0; a < accounts; a++) await ledger.open(`a${a}`, '1000000');

      const owed = new Map<string, number>();
      const records: DeliveredRecord[] = [];
      for (let i = 0; i < usages; i++) {
        const account = `a${below(accounts)}`;
        const requests = 1 + below(9);
        owed.set(account, (owed.get(account) ?? 0) + requests);
        const record = usageRecord(account, `u${i}`, i, { data: { units: { requests } } });
        records.push(record);
        if (below(100) < duplicateShare * 100) records.push(record);
      }
      for (let i = records.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [records[i], records[j]] = [records[j] as DeliveredRecord, records[i] as DeliveredRecord];
      }

      // Two processes take turns, as after a partition has moved, and one of them starts cold every now and then.
      const never = new AbortController().signal;
      const limits = { maxBytes: 64e6, checkpointEvery: 100, maxAgeDays: 35 };
      const processes = [ledger.parts, ledger.another(100)];
      for (let from = 0, turn = 0; from < records.length; turn++) {
        const size = 1 + below(largestBatch);
        const batch = { topic: 'usage.recorded', partition: 0, records: records.slice(from, from + size) };
        if (turn % 10 === 9) processes[1] = chargingParts(ledger.store, ledger.topics, limits, ledger);
        await processes[turn % 2]?.charge.handle(batch, never);
        from += size;
      }

      const cold = ledger.another(100);
      for (const [account, requests] of owed) {
        const { account: state } = await cold.accounts.confirmed(accountStream({ platform, account }));
        const wallet = (state?.lots ?? []).reduce((sum, { left }) => add(sum, left), zero);
        expect([account, toText(wallet)]).toEqual([account, String(1_000_000 - requests)]);
      }
      const audit = await ledger.store.audit(() => undefined);
      expect(audit.faults).toEqual([]);
      await ledger.close();
    },
    10 * 60_000,
  );
});
