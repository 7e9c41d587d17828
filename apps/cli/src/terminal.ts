import type { Clock } from '@meterbook/runtime/clock';
import { Seldom } from '@meterbook/runtime/seldom';

/** Characters of a progress bar. */
const BAR_COLUMNS = 30;
/** How often progress is told where a line cannot be written over, milliseconds. */
const LINE_EVERY_MS = 5_000;
/** How often a bar is drawn at most, milliseconds. */
const BAR_EVERY_MS = 100;

export interface TerminalStreams {
  /** For results, which a script may read. */
  readonly out: (text: string) => void;
  /** For everything else: progress, and why something was not done. */
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal, on which a line can be written over. */
  readonly isLive: boolean;
}

/** Where a command writes: results to one side, what is told of the way there to the other. */
export class Terminal {
  private readonly seldom: Seldom;
  private isBarShown = false;

  constructor(
    private readonly streams: TerminalStreams,
    clock: Clock,
  ) {
    this.seldom = new Seldom(clock, streams.isLive ? BAR_EVERY_MS : LINE_EVERY_MS);
  }

  /** A line of the result. */
  line(text: string): void {
    this.clearBar();
    this.streams.out(`${text}\n`);
  }

  /** The result for a program: one JSON document. */
  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2));
  }

  /** A line about how it goes, or why it does not. */
  note(text: string): void {
    this.clearBar();
    this.streams.err(`${text}\n`);
  }

  /** How far something has come, from 0 to 1; null where nobody knows. A bar on a terminal, elsewhere a line now and then. */
  progress(what: string, share: number | null): void {
    this.seldom.say(() => {
      if (!this.streams.isLive) return this.streams.err(`${[what, percent(share)].join(' ').trimEnd()}\n`);
      this.isBarShown = true;
      this.streams.err(`\r\u001b[2K${[bar(share), percent(share), what].filter((part) => part !== '').join(' ')}`);
    });
  }

  /** Takes the bar away: what comes next is no line of a command's. */
  clearBar(): void {
    if (this.isBarShown) this.streams.err('\r\u001b[2K');
    this.isBarShown = false;
  }
}

function percent(share: number | null): string {
  return share === null ? '' : `${Math.floor(Math.min(1, share) * 100)} %`;
}

function bar(share: number | null): string {
  if (share === null) return '';
  const done = Math.floor(Math.min(1, share) * BAR_COLUMNS);
  return `[${'█'.repeat(done)}${'░'.repeat(BAR_COLUMNS - done)}]`;
}
