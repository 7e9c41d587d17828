/** Widest line that is written, in columns. */
export const PAGE_COLUMNS = 100;
/** How often a line of progress is written where it cannot be written over, in milliseconds. */
const progressEveryMs = 1_000;

const indent = '  ';

export interface PageOptions {
  /** Whether escape codes may be used. */
  readonly colours: boolean;
  /** Whether a line can be written over. */
  readonly live: boolean;
}

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Plain text that is read from top to bottom: headings, paragraphs, calls, tables, progress. */
export class Page {
  private progressAt = 0;
  private overwriting = false;
  private closed = false;

  constructor(
    private readonly out: (text: string) => void,
    private readonly options: PageOptions,
  ) {}

  heading(text: string): void {
    this.line();
    this.line(this.paint('1;36', text));
    this.line(this.paint('36', '─'.repeat(Math.min(text.length, PAGE_COLUMNS))));
  }

  say(text: string): void {
    this.line();
    for (const line of wrap(text, PAGE_COLUMNS)) this.line(line);
  }

  /** An HTTP call as one could repeat it with curl; a long body is cut. */
  call(method: string, path: string, body?: unknown): void {
    const head = `${method.padEnd(6)} ${path}`;
    const sent = body === undefined ? '' : ` ${JSON.stringify(body)}`;
    const room = PAGE_COLUMNS - indent.length - head.length;
    this.line(indent + this.paint('33', head) + this.paint('2', cut(sent, room)));
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const widths = columns.map(({ title }, c) => Math.max(title.length, ...rows.map((row) => (row[c] ?? '').length)));
    const cells = (row: readonly string[]): string[] =>
      columns.map(({ right }, c) => {
        const width = widths[c] ?? 0;
        return right === true ? (row[c] ?? '').padStart(width) : (row[c] ?? '').padEnd(width);
      });
    const rule = widths.map((width) => '─'.repeat(width));
    this.line();
    this.line(indent + this.paint('1', cells(columns.map(({ title }) => title)).join('  ')));
    this.line(indent + this.paint('2', rule.join('  ')));
    for (const row of rows) this.line(indent + this.marked(cells(row).join('  ').trimEnd()));
  }

  /** What explains a number, behind the name of what it belongs to. */
  why(label: string, text: string, labelWidth = label.length): void {
    const margin = indent.length + labelWidth + 2;
    const [first = '', ...rest] = wrap(text, PAGE_COLUMNS - margin);
    this.line(`${indent}${label.padEnd(labelWidth)}  ${this.paint('2', first)}`);
    for (const line of rest) this.line(' '.repeat(margin) + this.paint('2', line));
  }

  /** One fact that was checked, or a fault. */
  fact(text: string): void {
    for (const line of wrap(text, PAGE_COLUMNS - indent.length)) this.line(indent + this.marked(line));
  }

  /** The latest state of something under way. The same line where it can be written over, else a line now and then. */
  progress(text: string): void {
    if (this.closed) return;
    if (this.options.live) {
      this.overwriting = true;
      this.out(`\r\u001b[2K${indent}${cut(text, PAGE_COLUMNS - indent.length)}`);
    } else if (Date.now() - this.progressAt >= progressEveryMs) {
      this.progressAt = Date.now();
      this.line(indent + text);
    }
  }

  line(text = ''): void {
    if (this.closed) return;
    this.out(this.overwriting ? `\n${text}\n` : `${text}\n`);
    this.overwriting = false;
  }

  /** Nothing is written any more: whoever still runs was told to stop. */
  close(): void {
    this.closed = true;
  }

  private marked(text: string): string {
    if (!this.options.colours) return text;
    return text.replaceAll('✓', this.paint('32', '✓')).replace(/✗.*$/, (fault) => this.paint('31', fault));
  }

  private paint(code: string, text: string): string {
    return this.options.colours && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns > 1 ? `${text.slice(0, columns - 1)}…` : '';
}

/** Breaks at spaces. A word that is longer than a line keeps a line to itself. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
