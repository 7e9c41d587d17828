/** WARNING: stored for ever. Add optional fields; never rename, retype or remove one. */
export interface RulebookPublished {
  readonly type: 'RulebookPublished';
  readonly version: number;
  readonly effectiveFrom: string;
  readonly sha256: string;
  /** The content as it was sent, without `effectiveFrom`. */
  readonly rulebook: Readonly<Record<string, unknown>>;
}
