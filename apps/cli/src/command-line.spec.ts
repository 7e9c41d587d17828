import { Command } from 'commander';
import { Misused, type AddCommand, type Runs } from './command';
import { commands } from './commands';
import { exitCodes } from './exit-code';
import { told } from './testing/told';

/** The name of every command, those below another with its name before theirs. */
function names(): readonly string[][] {
  const program = new Command();
  const runs: Runs = () => async () => undefined;
  for (const add of commands) add(program, runs);
  const below = (command: Command, path: readonly string[]): string[][] =>
    command.commands.flatMap((child) => [[...path, child.name()], ...below(child, [...path, child.name()])]);
  return below(program, []);
}

const failing =
  (error: unknown): AddCommand =>
  (program, runs) =>
    void program.command('fail').action(
      runs(async () => {
        throw error;
      }),
    );

describe('a command line', () => {
  it('explains all there is, and how to go on', async () => {
    const { code, out, err } = await told(['--help']);
    expect([code, err]).toEqual([exitCodes.well, '']);
    for (const [name = ''] of names()) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(out).toMatch(/DATA_DIR[^]*Exit codes: 0/);
  });

  it.each(names().map((path) => [path.join(' '), path] as const))(
    'explains "%s" with an example',
    async (_name, path) => {
      const { code, out } = await told([...path, '--help']);
      expect(code).toBe(exitCodes.well);
      expect(out).toMatch(/Examples:\n {2}.*meterbook .*# /);
    },
  );

  it('tells its version', async () => {
    expect(await told(['--version'])).toEqual({ code: exitCodes.well, out: '1.2.3\n', err: '' });
  });

  it.each([
    [[], /Usage: meterbook/],
    [['verifi'], /unknown command 'verifi'\n\(Did you mean verify\?\)/],
    [['verify', '--jsn'], /unknown option '--jsn'/],
    [['verify', 'everything'], /too many arguments/],
    [['rebuild', 'trial-ballance'], /no projection "trial-ballance"; there are: .*trial-balance/],
  ])('that is wrong is refused with what is wrong: %j', async (words, sentence) => {
    const { code, out, err } = await told(words);
    expect([code, out]).toEqual([exitCodes.misused, '']);
    expect(err).toMatch(sentence);
  });

  it.each([
    [
      'in a sentence with the remedy',
      Object.assign(new Error('It is full.'), { remedy: 'Empty it.' }),
      1,
      /^It is full\.\nEmpty it\.\n$/,
    ],
    ['with the place, where nobody can mend it', new Error('a bug'), 1, /a bug\n\s+at /],
    ['as misuse, where the words make no sense', new Misused('no such day'), 2, /^error: no such day\n$/],
    ['without secrets', new Error('esdb://user:secret@host is away'), 1, /^(?![^]*secret)[^]*redacted/],
  ])('tells a failure %s', async (_how, error, code, sentence) => {
    const answer = await told(['fail'], {}, [failing(error)]);
    expect(answer).toMatchObject({ code, out: '' });
    expect(answer.err).toMatch(sentence);
  });

  it('has the whole process where a command goes on by itself', async () => {
    const add: AddCommand = (program, runs) => void program.command('go').action(runs(async () => null));
    expect((await told(['go'], {}, [add])).code).toBeNull();
  });
});
