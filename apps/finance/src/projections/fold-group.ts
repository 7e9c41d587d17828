import { comparePositions, type Position } from '@meterbook/event-store/event-store';
import type { ReadBatch } from './event-reader';

/** A projection that takes batches with others that stand at the same position. */
export interface GroupMember {
  readonly position: Position;
  /** Takes a batch; never throws: one that fails leaves the group. */
  take(batch: ReadBatch): void;
}

/** The projections that stand at the live position: they share one subscription and one decode. */
export class FoldGroup {
  private members: readonly GroupMember[] = [];
  /** Grows whenever the group begins anew, perhaps elsewhere: whoever reads for it has to start over. */
  private formed = 0;

  /** Where all of them stand; undefined while there is none. */
  get position(): Position | undefined {
    return this.members[0]?.position;
  }

  get formation(): number {
    return this.formed;
  }

  /** Lets a member in: the first one wherever it stands, each other only where the group stands. */
  join(member: GroupMember): void {
    const { position } = this;
    if (position === undefined) this.formed += 1;
    else if (comparePositions(member.position, position) !== 0)
      throw new Error('a projection joins only at the live position');
    this.members = [...this.members, member];
  }

  leave(member: GroupMember): void {
    this.members = this.members.filter((other) => other !== member);
  }

  take(batch: ReadBatch): void {
    for (const member of this.members) member.take(batch);
  }
}
