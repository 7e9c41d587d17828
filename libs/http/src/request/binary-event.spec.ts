import { isBinaryEvent, readBinaryEvent } from './binary-event';

const headers = { 'ce-specversion': '1.0', 'ce-type': 'usage.recorded', 'ce-id': 'req-1' };

describe('an event in binary content mode', () => {
  it('is known by its headers', () => {
    expect(isBinaryEvent(headers)).toBe(true);
    expect(isBinaryEvent({ 'ce-id': 'req-1', 'content-type': 'application/json' })).toBe(false);
  });

  it('has its attributes in headers and its data in the body, and is otherwise as in structured mode', async () => {
    const { value, doubts } = await readBinaryEvent('{"model":"m"}', {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'x-other': 'no attribute',
    });
    expect(value).toEqual({
      specversion: '1.0',
      type: 'usage.recorded',
      id: 'req-1',
      datacontenttype: 'application/json; charset=utf-8',
      data: { model: 'm' },
    });
    expect(doubts).toEqual([]);
  });

  it.each([
    ['50%25 off', '50% off'],
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['"in \\"quotes\\" with %20"', 'in "quotes" with  '],
    ['', ''],
  ])('spells the attribute %j as %j', async (written, meant) => {
    expect((await readBinaryEvent('{}', { ...headers, 'ce-id': written })).value).toMatchObject({ id: meant });
  });

  it.each(['50% off', '%FF', 'caf\xe9', 'a\tb'])('doubts an attribute that is not encoded: %j', async (written) => {
    const { value, doubts } = await readBinaryEvent('{}', { ...headers, 'ce-id': written });
    expect(doubts).toMatchObject([{ pointer: '/id', code: 'invalid_value' }]);
    expect(value).not.toHaveProperty('id');
  });

  it('doubts what is doubtful in its data, where it stands in the event', async () => {
    const { doubts } = await readBinaryEvent('{"units":{"seconds":1.5,"seconds":2}}', headers);
    expect(doubts.map(({ pointer }) => pointer)).toEqual(['/data/units/seconds', '/data/units/seconds']);
  });

  it('cannot bring attributes along in its data, nor data in its headers', async () => {
    await expect(readBinaryEvent('{},"id":"req-2"', headers)).rejects.toThrow('cannot be read as JSON');
    expect((await readBinaryEvent('{"model":"m"}', { ...headers, 'ce-data': 'x' })).value).toMatchObject({
      data: { model: 'm' },
    });
    const { value } = await readBinaryEvent('{}', { ...headers, ['ce-__proto__']: 'x' });
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});
