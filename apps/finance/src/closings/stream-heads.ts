import { createHash } from 'node:crypto';
import { accountStream } from '@meterbook/books/account-stream';
import type { EventStore } from '@meterbook/event-store/event-store';

/** Streams whose heads are asked for at a time. */
const HEADS_AT_A_TIME = 16;

/** How far an account's stream goes: its last event. */
export interface StreamHead {
  readonly account: string;
  readonly revision: number;
  readonly hash: string;
}

/** SHA-256 over one line for each head, by account: `{account} {revision} {hash}` and a line feed. */
export class HeadsDigest {
  count = 0;
  private readonly digest = createHash('sha256');

  add({ account, revision, hash }: StreamHead): void {
    this.count += 1;
    this.digest.update(`${account} ${revision} ${hash}\n`);
  }

  /** Hexadecimal; nothing is added after it. */
  finish(): string {
    return this.digest.digest('hex');
  }
}

/** The heads of some accounts' streams, in the order given, by what was booked up to an instant; an account that was not there yet has none. */
export async function* headsAsOf(
  store: EventStore,
  platform: string,
  accounts: Iterable<string>,
  atMs: number,
): AsyncIterable<StreamHead> {
  let asked: Promise<StreamHead | undefined>[] = [];
  const told = async function* (): AsyncIterable<StreamHead> {
    for (const head of await Promise.all(asked)) if (head) yield head;
    asked = [];
  };
  for (const account of accounts) {
    asked.push(headAsOf(store, platform, account, atMs));
    if (asked.length === HEADS_AT_A_TIME) yield* told();
  }
  yield* told();
}

async function headAsOf(
  store: EventStore,
  platform: string,
  account: string,
  atMs: number,
): Promise<StreamHead | undefined> {
  for await (const { bookedAt, revision, hash } of store.read(accountStream({ platform, account }), 'end', 'backward'))
    if (bookedAt <= atMs) return { account, revision, hash };
  return undefined;
}
