import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { Terminal } from './terminal';

describe('what a command writes', () => {
  const opened = (isLive: boolean) => {
    const [out, err]: [string[], string[]] = [[], []];
    const clock = new ManualClock(0);
    const streams = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text), isLive };
    return { out, err, clock, terminal: new Terminal(streams, clock) };
  };

  it('keeps results apart from what is told of the way there', () => {
    const { out, err, terminal } = opened(false);
    terminal.note('looking');
    terminal.json({ ok: true });
    expect(out).toEqual(['{\n  "ok": true\n}\n']);
    expect(err).toEqual(['looking\n']);
  });

  it('tells progress line by line, and seldom, where it is no terminal', async () => {
    const { err, terminal, clock } = opened(false);
    terminal.progress('folding', 0.5);
    terminal.progress('folding', 0.6);
    await clock.advance(5_000);
    terminal.progress('folding', 0.999);
    await clock.advance(5_000);
    terminal.progress('folding', null);
    expect(err).toEqual(['folding 50 %\n', 'folding 99 %\n', 'folding\n']);
  });

  it('draws a bar over itself on a terminal, and takes it away before a result', () => {
    const { out, err, terminal } = opened(true);
    terminal.progress('folding', 0.5);
    terminal.line('done');
    expect(err).toEqual([`\r\u001b[2K[${'█'.repeat(15)}${'░'.repeat(15)}] 50 % folding`, '\r\u001b[2K']);
    expect(out).toEqual(['done\n']);
  });
});
