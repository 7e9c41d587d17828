export type RulebookFaultCode =
  'required' | 'unknown_key' | 'invalid_value' | 'dangling_reference' | 'duplicate_id' | 'incomplete_matrix';

/** One thing that is wrong with a rulebook's content, and where. */
export interface RulebookFault {
  /** RFC 6901; where something is missing, the place it belongs. */
  readonly pointer: string;
  readonly code: RulebookFaultCode;
  readonly detail: string;
}

/** The pointer of a member or an item of what stands at `pointer`. */
export function within(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
