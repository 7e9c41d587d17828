/**
 * WARNING: stored for ever (though derived, and disposable). One event of a `checkpoint-` stream: an account's state at a
 * revision, and the usage identities charged since the checkpoint before, so that no load reads further back.
 */
export interface AccountCheckpointed {
  readonly type: 'AccountCheckpointed';
  /** Revision of the account's stream that the state stands at, and that event's hash. */
  readonly revision: number;
  readonly hash: string;
  /** `toSnapshot` of the account at that revision. */
  readonly state: unknown;
  /** Identities charged since the checkpoint before: 32 bytes each, base64 (apps/ledger `recent-identities.ts`). */
  readonly identities: string;
}
