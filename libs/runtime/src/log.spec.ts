import { createLog } from './log';

const written = (write: (log: ReturnType<typeof createLog>) => void): string => {
  const lines: string[] = [];
  write(createLog('info', { write: (line) => void lines.push(line) }));
  return lines.join('');
};

describe('the log', () => {
  it('is one JSON object a line with level, time and text', () => {
    const line = written((log) => log.info({ requestId: 'r1' }, 'started'));
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      requestId: 'r1',
      msg: 'started',
    });
  });

  it('leaves out what is less severe than its level', () => {
    expect(written((log) => log.debug('noise'))).toBe('');
  });

  it.each([
    [{ authorization: 'Bearer open-sesame' }],
    [{ headers: { authorization: 'Bearer open-sesame' } }],
    [{ req: { headers: { authorization: 'Bearer open-sesame' } } }],
    [{ secret: 'open-sesame' }],
    [{ key: { secret: 'open-sesame' } }],
    [{ token: 'open-sesame' }],
    [{ password: 'open-sesame' }],
    [{ err: new Error('connect esdb://admin:open-sesame@store:2113 failed') }],
    [{ err: new Error('refused Bearer open-sesame') }],
    [{ err: 'refused Bearer open-sesame' }],
    [{ err: Object.assign(new Error('failed'), { config: { password: 'open-sesame' } }) }],
  ])('never holds a secret: %j', (line) => {
    const text = written((log) => log.error(line, 'failed'));
    expect(text).toContain('"msg":"failed"');
    expect(text).not.toContain('open-sesame');
  });

  it('keeps message, stack and code of an error', () => {
    const line = written((log) => log.error({ err: Object.assign(new Error('disk is full'), { code: 'ENOSPC' }) }));
    expect(JSON.parse(line)).toMatchObject({ err: { type: 'Error', message: 'disk is full', code: 'ENOSPC' } });
    expect(line).toContain('log.spec.ts');
  });
});
