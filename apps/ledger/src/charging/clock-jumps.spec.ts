import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedLedger, platform } from '../testing/embedded-ledger';

const dayMs = 86_400_000;
const deadlineMs = 30_000;

/** The machine's clock, put forward by as much as a spec likes. */
class JumpingClock extends SystemClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe('a clock that jumps', () => {
  it('loses nothing: usage is judged by its own acceptance, and the alarm is raised', async () => {
    const ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a');
    const clock = new JumpingClock();
    const topics = new EmbeddedTopics(ledger.directory, clock, { prefix: '', partitions: 4 });
    /** As ingest publishes it: accepted and occurred now, by its own clock. */
    const use = (id: string): Promise<void> =>
      topics.publish('usage.recorded', [
        {
          key: `${platform}/a`,
          headers: { 'accepted-at': String(clock.now()) },
          value: JSON.stringify({
            specversion: '1.0',
            type: 'usage.recorded',
            source: 'gw',
            id,
            time: formatInstant(clock.now()),
            platform,
            subject: 'a',
            data: { model: 'gpt', units: {} },
          }),
        },
      ]);
    await use('before');
    clock.aheadMs = 40 * dayMs;
    await use('jumped');
    clock.aheadMs = 0;
    for (const id of ['after', 'after2']) await use(id);

    const { charge, time } = ledger.parts;
    const stop = new AbortController();
    const running = charge.run(stop.signal);
    const end = ledger.clock.now() + deadlineMs;
    while (charge.counts.charged + charge.counts.deadLetters < 4 && ledger.clock.now() < end)
      await ledger.clock.sleep(10);
    stop.abort();
    await running;
    expect(charge.counts).toMatchObject({ charged: 4, deadLetters: 0 });
    expect(time.aheadMs).toBeGreaterThan(39 * dayMs);
    await topics.close();
    await ledger.close();
  });
});
