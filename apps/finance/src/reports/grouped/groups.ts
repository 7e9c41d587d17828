import { compareByCodePoint } from './code-points';
import type { Measure } from './declaration';
import { GroupFile } from './group-file';
import type { GroupValues } from './question';
import { Sums, type Group } from './sums';

/** Groups that are held in memory; one takes some hundred bytes. */
const MAX_HELD = 50_000;

/** The groups of a report while they are added up. */
export class Groups {
  private readonly byKey = new Map<string, Group>();
  private readonly capped = new Set<string>();
  private file: GroupFile | undefined;

  constructor(
    private readonly measures: readonly Measure[],
    private readonly maxHeld = MAX_HELD,
  ) {}

  /** The sums of a group, to be added to before groups are settled the next time. */
  of(values: GroupValues): Sums {
    const key = JSON.stringify(values);
    const known = this.byKey.get(key);
    if (known) return known.sums;
    const group = { values, sums: new Sums() };
    this.byKey.set(key, group);
    return group.sums;
  }

  /** Puts groups away where there are many. Whoever holds sums lets go of them before. */
  settle(): void {
    if (this.byKey.size > this.maxHeld) this.putAway();
  }

  /** Notes that of a label something is counted whose values were too many to tell apart. */
  noteCapped(label: string): void {
    this.capped.add(label);
  }

  get cappedLabels(): string[] {
    return [...this.capped].sort(compareByCodePoint);
  }

  /** Those that are not zero in all, in the order of an answer; they can be gone through again and again. */
  *inOrder(): Iterable<Group> {
    if (this.file) this.putAway();
    for (const group of this.file?.inOrder() ?? this.held()) if (!group.sums.isZero(this.measures)) yield group;
  }

  close(): void {
    this.file?.close();
  }

  private putAway(): void {
    this.file ??= new GroupFile(this.measures);
    if (this.byKey.size > 0) this.file.put(this.held());
    this.byKey.clear();
  }

  private held(): Group[] {
    return [...this.byKey.values()].sort((a, b) => compareValues(a.values, b.values));
  }
}

/** The order of groups: value by value, null first, then by code point. */
export function compareValues(a: GroupValues, b: GroupValues): number {
  for (const [at, one] of a.entries()) {
    const other = b[at] ?? null;
    if (one === other) continue;
    if (one === null) return -1;
    if (other === null) return 1;
    return compareByCodePoint(one, other);
  }
  return 0;
}
