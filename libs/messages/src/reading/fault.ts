/** Every code of a single fault, in `errors[]` of a problem. `docs/errors.md` lists the same. */
export const faultCatalogue = {
  required: 'Something is missing that has to be there.',
  unknown_property: 'The property is not known here.',
  invalid_type: 'The value has another JSON type than it should.',
  invalid_value: 'The value has the right type and is not one that is taken here.',
  too_long: 'A text, list or object is over its limit.',
  invalid_amount: 'Not a canonical decimal string, or not one that is taken here.',
  usage_too_old: 'The usage lies further back than the age window.',
  usage_in_future: 'The usage lies more than five minutes ahead.',
  forbidden: 'The token does not allow this platform.',
  unknown_key: 'A rulebook does not have this key.',
  dangling_reference: 'A rulebook names something that it does not define.',
  duplicate_id: 'A rulebook defines the same thing twice.',
  incomplete_matrix: 'A matrix of a rulebook has a gap.',
  too_large: 'A list, an object or a text of a rulebook is over its bound.',
} as const satisfies Readonly<Record<string, string>>;

export type FaultCode = keyof typeof faultCatalogue;

/** One thing that is wrong with a request. */
export interface Fault {
  /** Which item of a batch, from 0; absent where there is no batch. */
  readonly index?: number;
  /** Which line of a CSV, its header being 1; absent where there is none. */
  readonly line?: number;
  /** JSON pointer (RFC 6901) into the body or the item. */
  readonly pointer: string;
  readonly code: FaultCode;
  readonly detail: string;
}

/** The same without its place. */
export type ValueFault = Pick<Fault, 'code' | 'detail'>;
