import { NO_BREAK, Page, PAGE_COLUMNS, type PageOptions } from './page';

function written(write: (page: Page) => void, options: PageOptions = { colours: false, live: false }): string {
  let text = '';
  write(new Page((part) => (text += part), options));
  return text;
}

const widest = (text: string): number => Math.max(...text.split('\n').map(({ length }) => length));

describe('the page of the demo', () => {
  it('aligns a table, numbers to the right', () => {
    const columns = [{ title: 'model' }, { title: 'charged', right: true }, { title: '' }];
    const rows = [
      ['gpt-4o', '0.5', '✓'],
      ['m', '12.25', '✓'],
    ];
    expect(written((page) => page.table(columns, rows)).split('\n')).toEqual([
      '  model   charged',
      '  ──────  ───────',
      '  gpt-4o      0.5  ✓',
      '  m         12.25  ✓',
      '',
      '',
    ]);
  });

  it('wraps the one column that may until the table fits the page', () => {
    const sent = Array.from({ length: 20 }, (_, i) => `${i}${NO_BREAK}input`).join(', ');
    const text = written((page) => page.table([{ title: 'sent', wraps: true }, { title: 'charged' }], [[sent, '1']]));
    expect(widest(text)).toBeLessThanOrEqual(PAGE_COLUMNS);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('18 input, 19 input');
    expect(text).not.toMatch(/, \d+\n|\u00a0/);
  });

  it('puts the body of a call below it where it does not fit, and cuts what is too long', () => {
    const short = written((page) => page.call('POST', '/v1/platforms/p/accounts', { account: 'a' }));
    expect(short).toBe('  POST   /v1/platforms/p/accounts {"account":"a"}\n');
    const body = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`member-${i}`, 'value']));
    const long = written((page) => page.call('PUT', '/v1/platforms/p/rulebook', body));
    expect(long.split('\n').length).toBeLessThan(10);
    expect(long.trimEnd().endsWith('…')).toBe(true);
    expect(widest(long)).toBeLessThanOrEqual(PAGE_COLUMNS);
    const query = `?${Array.from({ length: 9 }, (_, i) => `parameter-${i}=value-${i}`).join('&')}`;
    const asked = written((page) => page.call('GET', `/v1/platforms/p/finance/usage${query}`));
    expect(widest(asked)).toBeLessThanOrEqual(PAGE_COLUMNS);
    expect(asked.replace(/\n +/g, '')).toBe(`  GET    /v1/platforms/p/finance/usage${query}\n`);
    expect(written((page) => page.call('POST', '/v1/usage', [1, 2]))).toBe('  POST   /v1/usage [ 2 events ]\n');
  });

  it('uses escape codes only where they are wanted', () => {
    const everything = (page: Page): void => {
      page.heading('Books');
      page.call('GET', '/docs');
      page.fact('ok ✓');
      page.progress('running', 'done');
      page.line();
    };
    expect(written(everything)).not.toContain('\u001b');
    expect(written(everything, { colours: true, live: false })).toContain('\u001b[32m✓\u001b[0m');
  });

  it('writes progress over itself on a terminal, and once at its end elsewhere', () => {
    const steps = (page: Page): void => {
      for (let done = 1; done <= 3; done++) page.progress(`${done} of 3`, done === 3 ? 'done' : 'running');
      page.fact('charged: 3');
    };
    expect(written(steps)).toBe('  3 of 3\n  charged: 3\n');
    const line = (done: number): string => `\r\u001b[2K  ${done} of 3`;
    expect(written(steps, { colours: false, live: true })).toBe(`${line(1)}${line(2)}${line(3)}\n  charged: 3\n`);
  });

  it('writes nothing once it is closed', () => {
    expect(
      written((page) => {
        page.close();
        page.heading('Books');
        page.progress('1 of 3', 'done');
      }),
    ).toBe('');
  });
});
