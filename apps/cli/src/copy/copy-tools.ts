import type { Surroundings } from '../command';

/** What a copy works with. */
export interface CopyTools extends Pick<Surroundings, 'terminal' | 'clock'> {
  /** Aborted once somebody asks it to stop. */
  readonly asked: AbortSignal;
}
