import { DeliveryHealth } from './delivery-health';

describe('the health of deliveries', () => {
  it('is the last failure of each partition that has not moved on since', () => {
    const health = new DeliveryHealth();
    const failure = {
      group: 'ledger',
      topic: 'usage.recorded',
      partition: 3,
      offset: 10,
      retryInMs: 100,
      error: new Error('down'),
    };
    health.failed({ ...failure, attempt: 1 });
    health.failed({ ...failure, attempt: 2 });
    health.failed({ ...failure, partition: 4, attempt: 1 });
    health.failed({ ...failure, group: 'tiers', attempt: 1 });
    expect(health.current().map(({ group, partition, attempt }) => [group, partition, attempt])).toEqual([
      ['ledger', 3, 2],
      ['ledger', 4, 1],
      ['tiers', 3, 1],
    ]);
    health.recovered({ group: 'ledger', topic: 'usage.recorded', partition: 3 });
    expect(health.current().map(({ group, partition }) => [group, partition])).toEqual([
      ['ledger', 4],
      ['tiers', 3],
    ]);
  });
});
