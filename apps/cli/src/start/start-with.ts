import { runStandalone } from '@meterbook/standalone/run-standalone';
import type { Surroundings } from '../command';

/** The settings of a start that are worth an option; each stands for an environment variable. */
export interface StartOptions {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly tokens?: string;
  readonly presets?: true;
}

/** Starts the standalone, which from then on has the process to itself. */
export async function startWith(options: StartOptions, environment: Surroundings['environment']): Promise<void> {
  const { port, host, dataDir, tokens, presets } = options;
  const given = {
    PORT: port,
    HOST: host,
    DATA_DIR: dataDir,
    METERBOOK_TOKENS: tokens,
    PRESETS: presets && 'publish',
  };
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  await runStandalone({ ...environment, ...chosen });
}
