import { ConfigurationError, readConfiguration } from './configuration';
import { FileDamaged } from './database-file';
import { isUnfitToStart, startFailureText } from './unfit-to-start';

describe('an error that keeps a process from starting', () => {
  it.each<[string, Error]>([
    ['a configuration that is wrong', new ConfigurationError(['PORT must be a whole number from 0 to 65535'])],
    ['a file that is damaged', new FileDamaged('data/store/events.db', 'SQLITE_NOTADB')],
  ])('such as %s says what is wrong and what to do, without a stack', (_name, error) => {
    expect(isUnfitToStart(error)).toBe(true);
    const text = isUnfitToStart(error) ? startFailureText(error) : '';
    expect(text.split('\n')).toEqual([error.message, expect.stringContaining('docs/operating.md')]);
  });

  it('is told from a bug, which is shown whole', () => {
    expect(isUnfitToStart(new TypeError('x is not a function'))).toBe(false);
    expect(isUnfitToStart('no error at all')).toBe(false);
    expect(() => readConfiguration({ PORT: 'x' })).toThrow(ConfigurationError);
  });
});
