import { examples, type AddCommand } from '../command';

export const addDemo: AddCommand = (program, runs) => {
  program
    .command('demo')
    .summary('show what it does, on files that are thrown away')
    .description(
      'Starts everything on files of its own, publishes the five example rulebooks, recharges, reports usage and prints the books, ' +
        'each call as one could repeat it with curl. It stays up until Ctrl-C and then removes its files.',
    )
    .option('--exit', 'end when the story is told')
    .addHelpText('after', examples(['meterbook demo --exit', 'exit code 0 where every expectation held']))
    .action(
      runs(async (surroundings, { exit = false }: { readonly exit?: boolean }) => {
        const { play } = await import('./play');
        return play(exit, surroundings);
      }),
    );
};
