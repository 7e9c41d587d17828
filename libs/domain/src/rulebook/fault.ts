export type RulebookFaultCode =
  | 'required'
  | 'unknown_key'
  | 'invalid_value'
  | 'dangling_reference'
  | 'duplicate_id'
  | 'incomplete_matrix'
  | 'too_large';

/** One thing that is wrong with a rulebook's content, and where. */
export interface RulebookFault {
  /** RFC 6901; where something is missing, the place it belongs. */
  readonly pointer: string;
  readonly code: RulebookFaultCode;
  readonly detail: string;
}

/** Faults that a reading tells of; of the others it tells how many. */
export const MAX_SHOWN_FAULTS = 100;
/** Faults after which a reading stops: content that is wrong in so many places costs no more than this. */
export const MAX_COUNTED_FAULTS = 10_000;

/** What one reading found wrong, and which rules it reads by. */
export class Faults {
  readonly shown: RulebookFault[] = [];
  /** How many there are, as far as was looked. */
  length = 0;
  /** A list or an object is over its bound, so that nothing more may be done that grows with its size. */
  isTooLarge = false;

  /** At the door bounds hold; what is stored is read by the rules of its time, which had none. */
  constructor(readonly atTheDoor: boolean) {}

  push(fault: RulebookFault): void {
    this.length++;
    if (this.shown.length < MAX_SHOWN_FAULTS) this.shown.push(fault);
  }

  /** So many that looking for more is of no use. */
  get areEnough(): boolean {
    return this.length >= MAX_COUNTED_FAULTS;
  }
}

/** The pointer of a member or an item of what stands at `pointer`. */
export function within(pointer: string, key: string | number): string {
  if (typeof key === 'number') return `${pointer}/${key}`;
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
