import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';

/** How long an indicator may take to answer before it counts as down. */
export const INDICATOR_TIMEOUT_MS = 2_000;

/** How one part of a process is. */
export interface Indication {
  readonly up: boolean;
  /** One sentence for whoever is called at night; no secrets. */
  readonly detail: string;
  /** Records or events that are still to be worked off. */
  readonly behind?: number;
}

export type Indicator = () => Indication | Promise<Indication>;

export interface NamedIndication extends Indication {
  readonly name: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly indicators: readonly NamedIndication[];
}

/** Asks every registered part of a process how it is. */
@Injectable()
export class Health implements OnModuleDestroy {
  private readonly indicators = new Map<string, Indicator>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Throws when the name is taken. */
  register(name: string, indicator: Indicator): void {
    if (this.indicators.has(name)) throw new Error(`There are two health indicators called ${name}.`);
    this.indicators.set(name, indicator);
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Aborted once the process is about to stop: an answer that goes on for as long as somebody listens ends then. */
  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  /** Ready when every indicator is up and the process is not about to stop. */
  async readiness(): Promise<Readiness> {
    const names = [...this.indicators.keys()].sort();
    const asked = await Promise.all(names.map((name) => this.ask(name)));
    const stopping = { name: 'process', up: false, detail: 'The process is stopping.' };
    const indicators = this.stopped.aborted ? [...asked, stopping] : asked;
    return { ready: indicators.every(({ up }) => up), indicators };
  }

  /** How one part is; undefined where nobody tells. */
  async indicationOf(name: string): Promise<Indication | undefined> {
    return this.indicators.has(name) ? this.ask(name) : undefined;
  }

  private async ask(name: string): Promise<NamedIndication> {
    const answered = new AbortController();
    const late = this.clock
      .sleep(INDICATOR_TIMEOUT_MS, answered.signal)
      .then(() => ({ name, up: false, detail: `Gave no answer within ${INDICATOR_TIMEOUT_MS} ms.` }));
    try {
      return await Promise.race([this.answerOf(name), late]);
    } finally {
      answered.abort();
    }
  }

  private async answerOf(name: string): Promise<NamedIndication> {
    try {
      const indication = await this.indicators.get(name)?.();
      return indication ? { name, ...indication } : { name, up: false, detail: 'Gave no answer.' };
    } catch (error) {
      this.log.warn({ err: error, indicator: name }, 'A health indicator failed.');
      return { name, up: false, detail: 'Could not be asked; the log tells why.' };
    }
  }
}
