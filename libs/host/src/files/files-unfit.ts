/** Files under `DATA_DIR` do not belong together: going on would lose what was accepted or booked. Nothing was changed. */
export class FilesUnfit extends Error {
  override readonly name = 'FilesUnfit';
  readonly remedy = 'Nothing was changed. See "Files that do not fit together" in docs/operating.md.';

  constructor(
    /** Each names the files and what to do. */
    readonly reasons: readonly string[],
  ) {
    super(
      [
        'Not started, because files under DATA_DIR do not fit together:',
        ...reasons.map((reason) => `- ${reason}`),
      ].join('\n'),
    );
  }
}
