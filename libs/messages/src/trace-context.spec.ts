import { isTraceparent } from './trace-context';

const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

describe('a traceparent', () => {
  it('has a version, two ids and flags', () => {
    expect(isTraceparent(`00-${trace}-${parent}-01`)).toBe(true);
    expect(isTraceparent(`cc-${trace}-${parent}-00`)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['the forbidden version', `ff-${trace}-${parent}-01`],
    ['no trace', `00-${'0'.repeat(32)}-${parent}-01`],
    ['no parent', `00-${trace}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${trace.toUpperCase()}-${parent}-01`],
    ['more than it should', `00-${trace}-${parent}-01-what`],
    ['another type', [`00-${trace}-${parent}-01`]],
  ])('with %s is none', (_name, value) => {
    expect(isTraceparent(value)).toBe(false);
  });
});
