import type { Committed, Round } from './commits';

/** What the thread that commits is started with. */
export interface CommitThreadStart {
  readonly directory: string;
}

/** What it is told to do. It answers each before the next is sent. */
export type CommitOrder =
  /** Write it where the store ends as the round says; where it ends elsewhere, nobody else writes until the next order. */
  | { readonly kind: 'append'; readonly round: Round }
  /** Write it behind the end, which has not moved since. */
  | { readonly kind: 'held'; readonly round: Round }
  | { readonly kind: 'release' }
  | { readonly kind: 'close' };

export type CommitAnswer =
  | ({ readonly kind: 'committed' } & Committed)
  | { readonly kind: 'moved' }
  | { readonly kind: 'released' }
  /** Nothing was written. */
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined };
