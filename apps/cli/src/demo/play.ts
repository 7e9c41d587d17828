import { playDemo } from '@meterbook/standalone/demo/play-demo';
import type { Surroundings } from '../command';
import { exitCodes, type ExitCode } from '../exit-code';

const codes: Readonly<Record<Awaited<ReturnType<typeof playDemo>>, ExitCode>> = {
  held: exitCodes.well,
  differed: exitCodes.notWell,
  failed: exitCodes.notDone,
  interrupted: exitCodes.interrupted,
};

/** Plays the demo; it stays up at the end unless it `exits`. */
export async function play(exits: boolean, { environment }: Surroundings): Promise<ExitCode> {
  return codes[await playDemo({ exits, port: environment['PORT'] ?? '' })];
}
