import * as fc from 'fast-check';
import { Problem } from '../problem/problem';
import { Cursor } from './cursor';

const shelves = new Cursor('shelves', { row: 'number', book: 'text' });
const aisles = new Cursor('aisles', { row: 'number', book: 'text' });
const inBase64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  it('names the place it was written for, whatever stands there', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string({ minLength: 1, unit: 'grapheme' }), (row, book) => {
        const cursor = shelves.write({ row, book }) ?? '';
        expect(shelves.check(cursor)).toBeUndefined();
        expect(shelves.markOf({ cursor })).toEqual({ row, book });
        expect(encodeURIComponent(cursor)).toBe(cursor);
      }),
    );
  });

  it('is none where the list ends, and where a query names none', () => {
    expect(shelves.write(null)).toBeNull();
    expect(shelves.markOf({})).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['no base64url', '{"row":7}'],
    ['no JSON', Buffer.from('shelves 7').toString('base64url')],
    ['no list', inBase64({ 0: 'shelves', 1: 7, 2: 'a' })],
    ['a place of another list', aisles.write({ row: 7, book: 'a' })],
    ['a part too few', inBase64(['shelves', 7])],
    ['a part too many', inBase64(['shelves', 7, 'a', 8])],
    ['parts of other kinds', inBase64(['shelves', '7', 'a'])],
    ['a number below zero', inBase64(['shelves', -1, 'a'])],
    ['a fraction', inBase64(['shelves', 7.5, 'a'])],
    ['a number that is not exact', inBase64(['shelves', 2 ** 53, 'a'])],
    ['an empty part', inBase64(['shelves', 7, ''])],
    ['another spelling of the same JSON', Buffer.from('["shelves", 7, "a"]').toString('base64url')],
    ['base64 with padding', Buffer.from('["shelves",7,"a"]').toString('base64')],
    ['more than is read', inBase64(['shelves', 7, 'a'.repeat(1_000)])],
    ['a number', 7],
    ['a list of two', ['a', 'b']],
  ])('that is %s is refused', (_what, cursor) => {
    expect(shelves.check(cursor)).toEqual({ code: 'invalid_value', detail: 'must be a cursor of an earlier answer' });
    const read = (): unknown => shelves.markOf({ cursor: cursor as string });
    expect(read).toThrow(Problem);
    expect(read).toThrow('invalid_request: /cursor must be a cursor of an earlier answer.');
  });
});
