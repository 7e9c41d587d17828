/** Why an entry of a list did not become a model. */
export const reasons = {
  no_price: 'no price is told',
  unfit_price: 'a price that is none',
  unfit_id: 'a name that a rulebook cannot hold',
  unsaid: 'a price that a rulebook cannot say',
  zero_price: 'free of charge, and --zero skip was asked for',
  pattern: 'a pattern, and --patterns skip was asked for',
  duplicate: 'a name that stands there before',
  no_entry: 'no object',
} as const;

/** What was changed about an entry that was taken. */
export const changes = {
  noise: 'floating-point noise taken off',
  rounding: 'rounded to 12 digits that count',
  left_out: 'a price that is left out',
  unknown: 'a price field that is not known here, left out',
  scaled: 'a price that a service tier does not tell, scaled',
  derived: 'a price that the list does not tell itself',
  chosen: 'one of several prices was chosen',
  extra: 'usage has to name a unit of its own',
  pattern: 'a pattern, moved behind the names that it may match',
} as const;

export type Reason = keyof typeof reasons;
export type ChangeKind = keyof typeof changes;

/** Thrown at an entry that cannot become a model; the others go on. */
export class LeftOut extends Error {
  override readonly name = 'LeftOut';

  constructor(
    readonly reason: Reason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

export interface Change {
  readonly kind: ChangeKind;
  readonly detail: string;
}

/** What was changed about one model, as it is found. */
export type Changes = (kind: ChangeKind, detail: string) => void;

export interface LeftOutEntry {
  readonly id: string;
  readonly reason: Reason;
  readonly detail: string;
}

/** What became of every entry of a list. */
export class Findings {
  /** Changes by model, of those that were changed. */
  readonly changed = new Map<string, Change[]>();
  readonly leftOut: LeftOutEntry[] = [];
  readonly warnings: string[] = [];
  /** Entries that were not asked for. */
  notAsked = 0;

  changesOf(id: string): Changes {
    return (kind, detail) => {
      const before = this.changed.get(id);
      if (before === undefined) this.changed.set(id, [{ kind, detail }]);
      else if (!before.some((change) => change.kind === kind && change.detail === detail))
        before.push({ kind, detail });
    };
  }

  /** What `make` makes of an entry; undefined where it is left out. */
  attempt<T>(id: string, make: (changes: Changes) => T): T | undefined {
    try {
      return make(this.changesOf(id));
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error;
      this.changed.delete(id);
      this.leave(id, error);
      return undefined;
    }
  }

  leave(id: string, { reason, detail }: LeftOut): void {
    this.leftOut.push({ id, reason, detail });
  }
}
