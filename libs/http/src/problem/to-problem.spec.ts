import {
  AppendOutcomeUnknown,
  StoreUnavailable,
  StoreUnfit,
  StreamDamaged,
} from '@meterbook/event-store/store-failure';
import { TopicsBusy, TopicsUnavailable } from '@meterbook/topics/topics';
import { toProblem } from './to-problem';

const failure = (code: string): Error => Object.assign(new Error('no room on /var/lib/meterbook'), { code });

describe('what cannot be written', () => {
  it.each<[string, unknown]>([
    ['the disk of a read model that is full', failure('SQLITE_FULL')],
    ['a disk that fails', failure('SQLITE_IOERR_WRITE')],
    ['a file that has no room', failure('ENOSPC')],
    ['a quota that is used up', failure('EDQUOT')],
    [
      'any of these, wrapped',
      new Error('could not publish', { cause: new Error('twice', { cause: failure('ENOSPC') }) }),
    ],
    ['the store that takes nothing', new StoreUnavailable('no room', failure('SQLITE_FULL'))],
  ])('because of %s is unavailable, to be tried again, without a path', (_name, error) => {
    const problem = toProblem(error);
    expect([problem?.status, problem?.code, problem?.headers['retry-after']]).toEqual([503, 'unavailable', '1']);
    expect(JSON.stringify(problem?.document())).not.toContain('/var');
  });

  it('is another thing than an append that may have been done, and than any other failure', () => {
    expect(toProblem(new AppendOutcomeUnknown('who knows', failure('ENOSPC')))?.code).toBe('outcome_unknown');
    expect(toProblem(failure('SQLITE_CONSTRAINT'))).toBeUndefined();
    expect(toProblem(failure('ENOENT'))).toBeUndefined();
  });
});

describe('an engine that cannot do it', () => {
  it.each<[string, unknown, string, string]>([
    ['topics whose queue is full', new TopicsBusy('usage.recorded', '/var is slow'), 'unavailable', '1'],
    ['topics that cannot be written', new TopicsUnavailable('usage.recorded', failure('EROFS')), 'unavailable', '1'],
    ['a store that is away', new StoreUnavailable('10.0.0.1 refused'), 'unavailable', '1'],
    ['a store of another password', new StoreUnfit('correct it on 10.0.0.1 or in /var'), 'unavailable', '60'],
    ['a stream that is damaged', new StreamDamaged('account-p/a', 'cut off in /var'), 'stream_damaged', '60'],
  ])('says of %s when to ask again, and nothing of where it is', (_name, error, code, after) => {
    const problem = toProblem(error);
    expect([problem?.status, problem?.code, problem?.headers['retry-after']]).toEqual([503, code, after]);
    expect(JSON.stringify(problem?.document())).not.toMatch(/\/var|10\.0\.0\.1/);
  });
});
