import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import type { DeliveredRecord } from '@meterbook/topics/topics';
import { EmbeddedLedger, platform } from '../testing/embedded-ledger';
import { RelayEntries } from './relay-entries';

const deadlineMs = 30_000;

describe('the relay', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
  });
  afterEach(() => ledger.close());

  /** Runs a relay until it has relayed everything, and stops it as a crash would: without a note of where it was. */
  const relayUntilCaughtUp = async (
    relay = new RelayEntries(ledger.store, ledger.topics, ledger.clock),
  ): Promise<void> => {
    const stop = new AbortController();
    const running = relay.run(stop.signal);
    const deadline = ledger.clock.now() + deadlineMs;
    while (relay.progress().caughtUpAt === null && ledger.clock.now() < deadline) await ledger.clock.sleep(5);
    stop.abort();
    await running;
    expect(relay.progress().caughtUpAt).not.toBeNull();
  };

  const heard = async (group: string): Promise<DeliveredRecord[]> => {
    const records: DeliveredRecord[] = [];
    const waiting = (await ledger.topics.lag(group, ['ledger.entries'])).reduce((sum, { lag }) => sum + lag, 0);
    const stop = new AbortController();
    if (waiting === 0) return records;
    await ledger.topics.consume(
      group,
      ['ledger.entries'],
      async (batch) => {
        records.push(...batch.records);
        if (records.length >= waiting) stop.abort();
      },
      stop.signal,
    );
    return records;
  };

  it('puts every account event on the topic, in the order of its stream, with what consumers skip and drop by', async () => {
    await ledger.open('a');
    await relayUntilCaughtUp();
    const records = await heard('spec');
    expect(records.map(({ key, headers }) => [key, headers['type'], headers['revision']])).toEqual([
      [`${platform}/a`, 'AccountOpened', '0'],
      [`${platform}/a`, 'WalletRecharged', '1'],
    ]);
    expect(JSON.parse(records[1]?.value ?? '')).toMatchObject({
      stream: `account-${platform}/a`,
      revision: 1,
      type: 'WalletRecharged',
      data: { rechargeId: 'r1', credited: '100' },
      metadata: { actor: 'spec' },
    });
  });

  it('tells after a crash what was appended and never published', async () => {
    await relayUntilCaughtUp();
    await ledger.open('a');
    await relayUntilCaughtUp();
    const types = (await heard('spec')).map(({ headers }) => headers['type']);
    expect(types).toEqual(expect.arrayContaining(['AccountOpened', 'WalletRecharged']));
  });

  it('repeats after a restart only what it relayed since its last note', async () => {
    await ledger.open('a');
    const clock = new ManualClock(0);
    const relay = new RelayEntries(ledger.store, ledger.topics, clock);
    const stop = new AbortController();
    const running = relay.run(stop.signal);
    const deadline = ledger.clock.now() + deadlineMs;
    while ((await ledger.store.head('relay-entries')) === 'no-stream' && ledger.clock.now() < deadline) {
      await clock.advance(1001);
      await ledger.clock.sleep(5);
    }
    stop.abort();
    await running;
    expect(await heard('spec')).toHaveLength(2);
    await ledger.open('b');
    await relayUntilCaughtUp();
    expect((await heard('spec')).map(({ key }) => key)).toEqual([`${platform}/b`, `${platform}/b`]);
  });

  it('gives way when another relay noted its position in between', async () => {
    const clock = new ManualClock(0);
    const first = new RelayEntries(ledger.store, ledger.topics, clock);
    const second = new RelayEntries(ledger.store, ledger.topics, clock);
    const stop = new AbortController();
    const outcomes = Promise.allSettled([first.run(stop.signal), second.run(stop.signal)]);
    await ledger.open('a');
    const deadline = ledger.clock.now() + deadlineMs;
    let ended: readonly PromiseSettledResult<void>[] | undefined;
    void outcomes.then((results) => (ended = results));
    for (let i = 0; i < 400 && ledger.clock.now() < deadline && i < 300; i++) {
      await clock.advance(1001);
      await ledger.clock.sleep(5);
      if (i === 200) await ledger.open('b');
    }
    stop.abort();
    ended = await outcomes;
    expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});
