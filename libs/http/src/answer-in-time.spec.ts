import { CanActivate, Controller, Get, Injectable, Module, Post, StreamableFile, UseGuards } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { ANSWER_WITHIN_MS, SHARED_MS } from './answer-in-time';
import { Open } from './auth/access';
import { createHttpApp } from './http-app';
import { AnswersWithin } from './route-options';

const longMs = 10 * ANSWER_WITHIN_MS;
const never = (): Promise<never> => new Promise<never>(() => undefined);
let finish: (answer: string) => void = () => undefined;
let begun = 0;

@Injectable()
class NeverKnows implements CanActivate {
  canActivate(): Promise<boolean> {
    begun += 1;
    return never();
  }
}

@Controller()
class WaitingController {
  @Get('read')
  @Open()
  read(): Promise<never> {
    begun += 1;
    return never();
  }

  @Post('do')
  @Open()
  do(): Promise<string> {
    begun += 1;
    return new Promise((resolve) => (finish = resolve));
  }

  @Get('guarded')
  @Open()
  @UseGuards(NeverKnows)
  guarded(): string {
    return 'yes';
  }

  @Get('long')
  @Open()
  @AnswersWithin(longMs)
  long(): Promise<never> {
    begun += 1;
    return never();
  }

  @Get('streamed')
  @Open()
  streamed(): StreamableFile {
    return new StreamableFile(Buffer.from('all of it'));
  }
}

@Module({ controllers: [WaitingController] })
class WaitingModule {}

let app: NestFastifyApplication;
let clock: ManualClock;

beforeAll(async () => {
  clock = new ManualClock();
  app = await createHttpApp(WaitingModule, {
    configuration: { HOST: '127.0.0.1', METERBOOK_TOKENS: null },
    log: createLog('fatal'),
    clock,
    random: new SystemRandom(),
    title: 'Waiting',
    description: 'Waits.',
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

/** Asks, and lets the handler begin before any time goes by. */
async function ask(method: 'GET' | 'POST', url: string): Promise<{ answered: () => boolean; answer: Promise<Answer> }> {
  const before = begun;
  let isAnswered = false;
  const answer = app.inject({ method, url }).then(({ statusCode, headers, body }) => {
    isAnswered = true;
    return { status: statusCode, again: headers['retry-after'], body };
  });
  while (begun === before) await clock.settle();
  return { answered: () => isAnswered, answer };
}

interface Answer {
  readonly status: number;
  readonly again: unknown;
  readonly body: string;
}

describe('a request whose handler says nothing', () => {
  it.each([
    ['reads', 'GET', '/read', 'unavailable'],
    ['may have done something', 'POST', '/do', 'outcome_unknown'],
    ['waits in a guard', 'GET', '/guarded', 'unavailable'],
  ] as const)('is answered in time where it %s', async (_name, method, url, code) => {
    const { answered, answer } = await ask(method, url);
    await clock.advance(ANSWER_WITHIN_MS - 1);
    expect(answered()).toBe(false);
    await clock.advance(1);
    const { status, again, body } = await answer;
    expect({ status, again, code: (JSON.parse(body) as { code: string }).code }).toEqual({
      status: 503,
      again: '1',
      code,
    });
  });

  it('has the time that its route says', async () => {
    const { answered, answer } = await ask('GET', '/long');
    await clock.advance(longMs - 1);
    expect(answered()).toBe(false);
    await clock.advance(1);
    expect((await answer).status).toBe(503);
  });

  it('may say what it likes afterwards, and the service goes on', async () => {
    const { answer } = await ask('POST', '/do');
    await clock.advance(ANSWER_WITHIN_MS);
    expect((await answer).status).toBe(503);
    finish('too late');
    await clock.settle();
    const next = await ask('POST', '/do');
    finish('in time');
    expect(await next.answer).toMatchObject({ status: 201, body: 'in time' });
  });
});

describe('requests that are answered', () => {
  const answered = async (): Promise<void> => {
    expect((await app.inject({ method: 'GET', url: '/streamed' })).body).toBe('all of it');
    await clock.settle();
  };

  it('share one clock, which none of them ends while others may join', async () => {
    await clock.advance(longMs);
    const before = clock.sleeping;
    for (let n = 0; n < 3; n++) await answered();
    expect(clock.sleeping).toBe(before + 1);
    await clock.advance(SHARED_MS);
    for (let n = 0; n < 3; n++) await answered();
    expect(clock.sleeping).toBe(before + 1);
  });

  it('leave nothing behind that waits once the service ends', async () => {
    await answered();
    await clock.advance(longMs);
    const before = clock.sleeping;
    await answered();
    expect(clock.sleeping).toBe(before + 1);
    await app.close();
    expect(clock.sleeping).toBeLessThanOrEqual(before);
  });
});
