import type { Page } from './page';

/** How long one request may take, in milliseconds. */
const requestTimeoutMs = 30_000;
/** How long the demo waits for something that takes a moment, and how often it asks, in milliseconds. */
const patienceMs = 30_000;
const askEveryMs = 10;

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An answer of application/problem+json. */
export interface ProblemAnswer {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The service's public HTTP API. What is not done quietly is shown on the page. */
export class Api {
  constructor(
    readonly url: string,
    private readonly page: Page,
  ) {}

  /** Sends a command and answers with the body; throws when it was refused. */
  async send<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
    this.page.call(method, path, body);
    return this.quietly<Answer>(method, path, body);
  }

  async get<Answer>(path: string): Promise<Answer> {
    return this.send<Answer>('GET', path);
  }

  /** Sends a text, such as a bill. */
  async sendText<Answer>(method: Method, path: string, type: string, text: string): Promise<Answer> {
    this.page.call(method, path);
    return answerOf<Answer>(method, path, await this.fetched(method, path, { 'content-type': type }, text));
  }

  /** Sends what has to be refused and answers with the problem; throws when it was taken. */
  async refused(method: Method, path: string, body?: unknown): Promise<ProblemAnswer> {
    this.page.call(method, path, body);
    const { status, text } = await this.raw(method, path, body);
    if (status < 400) throw new Error(`${method} ${path} should have been refused, and answered ${status} ${text}`);
    return JSON.parse(text) as ProblemAnswer;
  }

  /** Asks until the answer is as wanted; throws with the last answer when that takes too long. */
  async until<Answer>(path: string, wanted: (answer: Answer) => boolean): Promise<Answer> {
    this.page.call('GET', path);
    return this.quietlyUntil(path, wanted);
  }

  async quietlyUntil<Answer>(path: string, wanted: (answer: Answer) => boolean): Promise<Answer> {
    return eventually(`GET ${path}`, () => this.quietly<Answer>('GET', path), wanted);
  }

  async quietly<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
    return answerOf<Answer>(method, path, await this.raw(method, path, body));
  }

  /** The answer as it is, whatever its status. */
  async raw(method: Method, path: string, body?: unknown): Promise<RawAnswer> {
    return body === undefined
      ? this.fetched(method, path, {}, null)
      : this.fetched(method, path, { 'content-type': 'application/json' }, JSON.stringify(body));
  }

  private async fetched(
    method: Method,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
  ): Promise<RawAnswer> {
    const response = await fetch(this.url + path, {
      method,
      headers,
      body,
      signal: AbortSignal.timeout(requestTimeoutMs),
    }).catch((error: unknown) => {
      throw new Error(`${method} ${path} got no answer`, { cause: error });
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}

/** The body of an answer; throws when it is a refusal. */
function answerOf<Answer>(method: Method, path: string, { status, text }: RawAnswer): Answer {
  if (status >= 400) throw new Error(`${method} ${path} answered ${status} ${text}`);
  return JSON.parse(text) as Answer;
}

/** Asks until the answer is as wanted; throws with the last answer when that takes too long. */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come to what was awaited within ${patienceMs} ms: ${JSON.stringify(answer)}`);
    }
    await pause(askEveryMs);
  }
}

/** Between two questions, never instead of one. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
