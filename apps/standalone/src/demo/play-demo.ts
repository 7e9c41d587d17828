import { Api } from './api';
import { apibox } from './apibox';
import { books } from './books';
import { burst } from './burst';
import { Checks } from './checks';
import { creditpool } from './creditpool';
import { mending } from './mending';
import { Till } from './money';
import { monthEnd } from './month-end';
import { Page } from './page';
import { Service } from './service';
import type { Stage, Story } from './stage';
import { tokenopen } from './tokenopen';
import { usdcny } from './usdcny';
import { yunxin } from './yunxin';

const stories: readonly Story[] = [apibox, usdcny, tokenopen, yunxin, creditpool, mending, burst, books, monthEnd];

/** How a demo can end: every expectation held, one did not, it could not be played, somebody stopped it. */
export type DemoEnd = 'held' | 'differed' | 'failed' | 'interrupted';

export interface DemoOptions {
  /** Whether it ends when the story is told. */
  readonly exits: boolean;
  /** Where the service listens; empty for a port that the system chooses. */
  readonly port: string;
}

/** Tells the whole story; answers with what differed from the rulebooks, one line each. */
async function tell(api: Api, page: Page): Promise<readonly string[]> {
  const stage: Stage = { api, page, checks: new Checks(), till: new Till() };
  const startedAt = performance.now();
  for (const story of stories) await story(stage);
  const { held, faults } = stage.checks;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  page.blank();
  page.fact(`${held} of ${held + faults.length} checks held, in ${seconds} s ${faults.length === 0 ? '✓' : '✗'}`);
  for (const fault of faults) page.fact(`✗ ${fault}`);
  return faults;
}

async function play(
  service: Service,
  page: Page,
  { exits, port }: DemoOptions,
  interrupted: Promise<'interrupted'>,
): Promise<Exclude<DemoEnd, 'failed'>> {
  page.say('Meterbook: usage in, exact charges, tiers and provable books.');
  const url = await Promise.race([service.start(port), interrupted]);
  if (url === 'interrupted') return 'interrupted';
  page.say(
    `The service listens at ${url} with the rulebooks of five platforms; its files are in ${service.directory}. ` +
      'Everything below goes through its public HTTP API and is shown as it was called; with curl, that is:',
  );
  page.fact(`curl -X METHOD ${url}/PATH -H 'content-type: application/json' -d BODY`);
  const told = await Promise.race([tell(new Api(url, page), page), service.watched(), interrupted]);
  if (told === 'interrupted') return 'interrupted';
  sayWhereToLook(url, page);
  if (!exits) {
    page.say('The service stays up, for you to try. Ctrl-C ends it and removes its files.');
    await Promise.race([interrupted, service.watched()]);
  }
  return told.length === 0 ? 'held' : 'differed';
}

function sayWhereToLook(url: string, page: Page): void {
  page.heading('Where to look next');
  page.blank();
  const width = `${url}/openapi.json`.length;
  page.why(`${url}/docs`, 'every route, to try out', width);
  page.why(`${url}/openapi.json`, 'the same for programs', width);
  page.why('README.md', 'the words, a tour with curl, what is not there yet', width);
  page.why('rulebooks/', 'the rules of the five platforms, as they were published', width);
}

/** Plays it in a process of its own, whose files are kept only where something went wrong. */
export async function playDemo(options: DemoOptions): Promise<DemoEnd> {
  const page = new Page((text) => process.stdout.write(text), {
    colours: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    live: process.stdout.isTTY,
  });
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('interrupted'));
  });
  const service = new Service();
  const end = await play(service, page, options, interrupted).catch((error: unknown) => {
    page.line();
    page.fact(`✗ ${error instanceof Error ? error.message : String(error)}`);
    return 'failed' as const;
  });
  const isWrong = end === 'failed' || end === 'differed';
  if (isWrong) page.fact(`The log of the service is in ${service.logFile}`);
  page.close();
  await service.stop();
  if (!isWrong) service.removeFiles();
  return end;
}
