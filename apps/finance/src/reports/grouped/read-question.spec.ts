import { Problem } from '@meterbook/http/problem/problem';
import type { ReportDeclaration } from './declaration';
import { declarationOf } from './declared-reports';
import { GroupCursor } from './group-cursor';
import type { Question } from './question';
import { readQuestion, type RawQuery } from './read-question';

const now = Date.parse('2026-11-21T10:05:00Z');
const usage = declarationOf('usage');
const cursor = new GroupCursor(usage.name);
const balances: ReportDeclaration = { ...usage, kind: 'balances', hasLabels: false, dimensions: ['account'] };

const read = (query: RawQuery, declaration: ReportDeclaration = usage): Question =>
  readQuestion(declaration, 'shop', query, { cursor, now, whole: false });

/** The parameters that are named as faulty. */
function refused(query: RawQuery, declaration: ReportDeclaration = usage): readonly string[] {
  try {
    read(query, declaration);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.code).toBe('invalid_request');
    return (error.errors ?? []).map(({ pointer }) => pointer);
  }
  return [];
}

describe('the query of a report by groups', () => {
  it('is all that is booked, in UTC and one group, where nothing is said', () => {
    expect(read({})).toEqual({
      ...{ report: 'usage', platform: 'shop', basis: 'booked', zone: 'UTC', from: null, end: null, derivedAt: now },
      ...{ groupBy: [], filters: [], page: { after: null, limit: 100 } },
    });
  });

  it('lists dimensions with commas or repeated, and filters by any of some values', () => {
    const query = { groupBy: ['day,label:team', 'model'], model: ['a', 'b'], 'label:team': '', channel: 'up' };
    expect(read(query)).toMatchObject({
      groupBy: ['day', 'label:team', 'model'],
      filters: [
        ['model', ['a', 'b']],
        ['label:team', ['']],
        ['channel', ['up']],
      ],
    });
  });

  it('takes instants with any offset that lie on a quarter of an hour', () => {
    expect(read({ from: '2026-11-01T00:00:00+08:00', to: '2026-11-01T05:45:00Z' })).toMatchObject({
      from: Date.parse('2026-10-31T16:00:00Z'),
      end: Date.parse('2026-11-01T05:45:00Z'),
      derivedAt: Date.parse('2026-11-01T05:45:00Z'),
    });
    expect(refused({ from: '2026-11-01T00:00:00.001Z' })).toEqual(['/from']);
    expect(refused({ to: '2026-11-01T00:01:00Z', basis: 'occurred' })).toEqual(['/to']);
  });

  it('of balances takes any instant by when things were booked, and quarters by when they occurred', () => {
    const asOf = '2026-11-01T00:00:00.001Z';
    expect(read({ asOf }, balances)).toMatchObject({ from: null, end: Date.parse(asOf) });
    expect(refused({ asOf, basis: 'occurred' }, balances)).toEqual(['/asOf']);
    expect(refused({ from: '2026-11-01T00:00:00Z' }, balances)).toEqual(['/from']);
    expect(refused({ asOf }, usage)).toEqual(['/asOf']);
  });

  it.each<[string, RawQuery, string]>([
    ['an unknown parameter', { modle: 'chat' }, '/modle'],
    ['an unknown dimension', { groupBy: 'provider' }, '/groupBy'],
    ['a dimension twice', { groupBy: 'day,day' }, '/groupBy'],
    ['no dimension', { groupBy: '' }, '/groupBy'],
    ['an unknown basis', { basis: 'paid' }, '/basis'],
    ['an unknown zone', { zone: 'Mars/Olympus' }, '/zone'],
    ['an offset for a zone', { zone: '+08:00' }, '/zone'],
    ['no instant', { from: 'yesterday' }, '/from'],
    ['an instant twice', { from: ['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'] }, '/from'],
    ['an end before the beginning', { from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }, '/from'],
    ['no limit', { limit: '0' }, '/limit'],
    ['too large a limit', { limit: '1001' }, '/limit'],
    ['a cursor of nobody', { cursor: 'x' }, '/cursor'],
    ['a cursor of other groups', { cursor: cursor.write({ derivedAt: now, after: ['a'] }) }, '/cursor'],
    [
      'a cursor of another report',
      { cursor: new GroupCursor('margin').write({ derivedAt: now, after: [] }) },
      '/cursor',
    ],
  ])('is refused with %s', (_what, query, pointer) => {
    expect(refused(query)).toEqual([pointer]);
  });

  it('has no labels where the report has none', () => {
    expect(refused({ groupBy: 'label:team' }, balances)).toEqual(['/groupBy']);
    expect(refused({ 'label:team': 'x' }, balances)).toEqual(['/label:team']);
  });

  it('goes on after a group, as of when the first page was derived, however long its values are', () => {
    const after = [null, 'ä'.repeat(1000)];
    const page = cursor.write({ derivedAt: now - 5000, after });
    expect(read({ groupBy: 'channel,model', cursor: page, limit: '7' })).toMatchObject({
      derivedAt: now - 5000,
      page: { after, limit: 7 },
    });
  });
});
