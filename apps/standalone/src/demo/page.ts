/** Widest line that is written, in columns. */
export const PAGE_COLUMNS = 100;
/** How often a line of progress is written where it cannot be written over, in milliseconds. */
const progressEveryMs = 1_000;
/** Most lines that the body of a call may take. */
const bodyLines = 4;

/** Keeps two words on one line; it is written as a space. */
export const NO_BREAK = '\u00a0';

const indent = '  ';
const gap = '  ';

export interface PageOptions {
  /** Whether escape codes may be used. */
  readonly colours: boolean;
  /** Whether a line can be written over. */
  readonly live: boolean;
}

export interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** Takes the room that the others leave, in as many lines as it needs; at most one of a table. */
  readonly wraps?: boolean;
}

/** Plain text that is read from top to bottom: headings, paragraphs, calls, tables, progress. */
export class Page {
  private progressAt = Date.now();
  private overwriting = false;
  private lastWasBlank = true;
  private closed = false;

  constructor(
    private readonly out: (text: string) => void,
    private readonly options: PageOptions,
  ) {}

  heading(text: string): void {
    this.blank();
    this.line();
    this.line(this.paint('1;36', text));
    this.line(this.paint('36', '─'.repeat(Math.min(text.length, PAGE_COLUMNS))));
  }

  say(text: string): void {
    this.blank();
    for (const line of wrap(text, PAGE_COLUMNS)) this.line(line);
  }

  /** An HTTP call as one could repeat it with curl; of a batch its size is told, and a long body is cut. */
  call(method: string, path: string, body?: unknown): void {
    const head = `${method.padEnd(6)} ${path}`;
    const shown = bodyOf(body);
    if (indent.length + head.length + 1 + shown.length <= PAGE_COLUMNS) {
      this.line(`${indent}${this.paint('33', head)} ${this.paint('2', shown)}`);
      return;
    }
    const margin = ' '.repeat(indent.length + 'METHOD '.length);
    const [first = '', ...more] = brokenAtParameters(head, PAGE_COLUMNS - margin.length);
    this.line(indent + this.paint('33', first));
    for (const line of more) this.line(margin + this.paint('33', line));
    if (shown === '') return;
    const lines = wrap(shown, PAGE_COLUMNS - margin.length);
    const kept = lines.slice(0, bodyLines).map((line) => cut(line, PAGE_COLUMNS - margin.length));
    if (lines.length > bodyLines) kept.push('…');
    for (const line of kept) this.line(margin + this.paint('2', line));
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const widths = widthsOf(columns, rows);
    const put = (cells: readonly string[]): string =>
      columns
        .map(({ right }, c) => (right === true ? cells[c]?.padStart(widths[c] ?? 0) : cells[c]?.padEnd(widths[c] ?? 0)))
        .join(gap)
        .trimEnd();
    this.blank();
    this.line(indent + this.paint('1', put(columns.map(({ title }) => title))));
    this.line(
      indent + this.paint('2', put(columns.map(({ title }, c) => '─'.repeat(title === '' ? 0 : (widths[c] ?? 0))))),
    );
    for (const row of rows) {
      const cells = row.map((cell, c) => (columns[c]?.wraps === true ? wrap(cell, widths[c] ?? 0) : [cell]));
      const height = Math.max(...cells.map(({ length }) => length));
      for (let l = 0; l < height; l++) this.line(indent + this.marked(put(cells.map((lines) => lines[l] ?? ''))));
    }
    this.blank();
  }

  /** What explains a number, behind the name of what it belongs to. */
  why(label: string, text: string, labelWidth = label.length): void {
    const margin = indent.length + labelWidth + gap.length;
    const [first = '', ...rest] = wrap(text, PAGE_COLUMNS - margin);
    this.line(`${indent}${label.padEnd(labelWidth)}${gap}${this.paint('2', first)}`);
    for (const line of rest) this.line(' '.repeat(margin) + this.paint('2', line));
  }

  /** One fact that was checked, or a fault. */
  fact(text: string): void {
    for (const line of wrap(text, PAGE_COLUMNS - indent.length)) this.line(indent + this.marked(line));
  }

  /** The latest state of something under way. The same line where it can be written over, else a line now and then. */
  progress(text: string, state: 'running' | 'done' = 'running'): void {
    if (this.closed) return;
    if (this.options.live) {
      this.overwriting = true;
      this.out(`\r\u001b[2K${indent}${cut(text, PAGE_COLUMNS - indent.length)}`);
    } else if (state === 'done' || Date.now() - this.progressAt >= progressEveryMs) {
      this.progressAt = Date.now();
      this.line(indent + text);
    }
  }

  /** A blank line, unless there is one already. */
  blank(): void {
    if (!this.lastWasBlank) this.line();
  }

  line(text = ''): void {
    if (this.closed) return;
    const written = text.trimEnd().replaceAll(NO_BREAK, ' ');
    this.out(this.overwriting ? `\n${written}\n` : `${written}\n`);
    this.overwriting = false;
    this.lastWasBlank = text === '';
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

function bodyOf(body: unknown): string {
  if (body === undefined) return '';
  if (!Array.isArray(body)) return spaced(body);
  return body.length === 1 ? '[ 1 event ]' : `[ ${body.length} events ]`;
}

/** JSON in one line that can be broken between its members. */
export function spaced(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).replaceAll(',"', ', "').replaceAll(',{', ', {');
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...rows.map((row) => row[c]?.length ?? 0)));
  const whole = widths.reduce((sum, width) => sum + width, indent.length + gap.length * (columns.length - 1));
  return widths.map((width, c) => (columns[c]?.wraps === true ? width - Math.max(0, whole - PAGE_COLUMNS) : width));
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

/** Breaks at spaces. A word that is longer than a line keeps a line to itself. */
/** A call in lines, the later ones beginning with a parameter of its query; a path alone stays whole. */
function brokenAtParameters(head: string, columns: number): string[] {
  const lines: string[] = [];
  for (const piece of head.split(/(?=[?&])/)) {
    const line = (lines.at(-1) ?? '') + piece;
    if (lines.length > 0 && line.length <= columns) lines[lines.length - 1] = line;
    else lines.push(piece);
  }
  return lines;
}

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
