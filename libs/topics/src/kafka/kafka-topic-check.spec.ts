import { checkTopic, settingsFor, type FoundTopic } from './kafka-topic-check';

const demands = {
  partitions: 12,
  partitionsOf: { control: 1 },
  retentionMs: { usage: 3_000_000 },
  replicationFactor: 3,
  minInsyncReplicas: 2,
};
const found = (changes: Record<string, string> = {}, others: Partial<FoundTopic> = {}): FoundTopic => ({
  topic: 'usage',
  partitions: 12,
  replicas: 3,
  settings: new Map(Object.entries({ 'max.message.bytes': '1048588', ...settingsFor('usage', demands), ...changes })),
  ...others,
});

describe('checkTopic', () => {
  it('is content with a topic as it is made', () => {
    expect(checkTopic(found(), demands)).toEqual({ faults: [], warnings: [] });
  });

  it.each([
    [{}, { partitions: 11 }, 'has 11 partitions, not 12: its keys would change place'],
    [{}, { topic: 'control' }, 'has 12 partitions, not 1: its keys would change place'],
    [{}, { replicas: 2 }, 'has 2 replicas, not 3'],
    [{ 'min.insync.replicas': '1' }, {}, 'acknowledges with min.insync.replicas=1, not 2'],
    [{ 'min.insync.replicas': '4' }, {}, 'can never acknowledge: min.insync.replicas=4, but 3 replicas'],
    [{ 'unclean.leader.election.enable': 'true' }, {}, 'may lose acknowledged records'],
    [{ 'cleanup.policy': 'compact,delete' }, {}, 'would drop records of a key: cleanup.policy=compact,delete'],
    [{ 'message.timestamp.type': 'CreateTime' }, {}, 'lets its producers set the time of a record'],
    [{ 'retention.ms': '2999999' }, {}, 'deletes records after 2999999 ms, too early: retention.ms has to be 3000000'],
    [{ 'retention.bytes': '1000000000' }, {}, 'deletes records by size'],
    [{ 'max.message.bytes': '1000000' }, {}, 'does not take the largest record'],
  ])('refuses %j %j', (changes, others, fault) => {
    const { faults } = checkTopic(found(changes, others), demands);
    expect(faults.some((text) => text.includes(fault))).toBe(true);
  });

  it('is content with what is kept for longer, or for ever', () => {
    for (const kept of ['3000001', '-1'])
      expect(checkTopic(found({ 'retention.ms': kept }), demands).faults).toEqual([]);
  });

  it('refuses to delete what is to be kept for ever', () => {
    const settings = found({ 'retention.ms': '604800000' }).settings;
    expect(checkTopic({ ...found(), topic: 'entries', settings }, demands).faults).toEqual([
      'topic entries deletes records after 604800000 ms, too early: retention.ms has to be -1',
    ]);
  });

  it('warns of settings that it may not see, and of a single replica', () => {
    expect(checkTopic(found({}, { settings: null }), demands)).toEqual({
      faults: [],
      warnings: ['the settings of topic usage could not be checked: this client may not ask for them'],
    });
    const single = { ...demands, replicationFactor: 1, minInsyncReplicas: 1 };
    expect(checkTopic(found({ 'min.insync.replicas': '1' }, { replicas: 1 }), single)).toEqual({
      faults: [],
      warnings: ['topic usage has one replica: a lost disk loses acknowledged records'],
    });
  });
});
