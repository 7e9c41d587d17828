/** What the thread of the reports tells while it makes a closing, each a JSON text of its own. */
export type ClosingMessage =
  /** Nothing will come of it: the projections are behind, or streams of accounts cannot be read. */
  | { readonly kind: 'refused'; readonly damaged: readonly string[] }
  /** The heads of the streams count up to here, milliseconds since 1970. */
  | { readonly kind: 'begun'; readonly closedAt: number }
  /** The data of a `ClosingPart`, JSON text. */
  | { readonly kind: 'part'; readonly data: string }
  | { readonly kind: 'done'; readonly sha256: string; readonly streams: number; readonly headsSha256: string };
