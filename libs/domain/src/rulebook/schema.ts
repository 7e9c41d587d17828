import { toText, type Decimal } from '../amount/decimal';
import { within, type Faults } from './fault';

/** Says that nothing usable stood where something was read. */
export const unusable = Symbol('unusable');

/** What is taken, as a JSON Schema. What only a reader can tell is not in it, such as whether a reference leads anywhere. */
export type Shape = Readonly<Record<string, unknown>>;

type Read<T> = (value: unknown, pointer: string, faults: Faults) => T | typeof unusable;

/** Reads what stands at a JSON pointer. What is wrong with it goes to `faults`. */
export interface Reader<T> extends Read<T> {
  /** The same for editors and generators. */
  readonly shape: Shape;
}

/** A reader of what has this shape; `read` is a function that nothing else uses. */
export function reader<T>(shape: Shape, read: Read<T>): Reader<T> {
  return Object.assign(read, { shape });
}

/** A key of an object: it has to be there, has a value where it is not, or is simply left out. */
export type Field<T> = {
  readonly read: Reader<T>;
  /** A sentence for whoever writes a rulebook. */
  readonly description: string;
} & ({ readonly absent: 'refused' | 'left out' } | { readonly absent: 'default'; readonly value: T });

type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };
type OptionalKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
/** Only what may be absent from the result may be left out of it. */
type SoundFields<T> = Fields<T> & {
  readonly [K in Exclude<keyof T, OptionalKey<T>>]: { readonly absent: 'refused' | 'default' };
};

/** Items of a list, where it has no limit of its own. */
const MAX_LIST_ITEMS = 10_000;
/** Longest piece of a faulty value that a fault's detail repeats, in characters. */
const MAX_SHOWN_LENGTH = 60;
/** Longest key of a fault's pointer, in characters, where the key is unknown. */
const MAX_POINTED_LENGTH = 256;

export function required<T>(description: string, read: Reader<T>) {
  return { read, description, absent: 'refused' } as const;
}

export function optional<T, D>(description: string, read: Reader<T>, value: D) {
  return { read, description, absent: 'default', value } as const;
}

export function omittable<T>(description: string, read: Reader<T>) {
  return { read, description, absent: 'left out' } as const;
}

/** An object with these keys and no others. */
export function object<T extends object>(fields: SoundFields<T>): Reader<T> {
  const known = new Map<string, Field<unknown>>(Object.entries(fields));
  return reader(shapeOf(known), (value, pointer, faults) => {
    if (!isObject(value)) return invalid(faults, pointer, 'an object', value);
    refuseOthers(value, known, pointer, faults);
    const before = faults.length;
    const members: [string, unknown][] = [];
    for (const [key, field] of known) {
      const member = readField(field, ownMember(value, key), within(pointer, key), faults);
      if (member !== undefined) members.push([key, member]);
    }
    // Every field was read by the reader that its type asks for, so the members make up a T.
    return faults.length === before ? (Object.fromEntries(members) as T) : unusable;
  });
}

function shapeOf(fields: ReadonlyMap<string, Field<unknown>>): Shape {
  const members = [...fields].map(([key, field]) => [key, keyShape(field)] as const);
  const needed = [...fields].filter(([, { absent }]) => absent === 'refused').map(([key]) => key);
  const required = needed.length > 0 ? { required: needed } : {};
  return { type: 'object', additionalProperties: false, ...required, properties: Object.fromEntries(members) };
}

/** The shape of what stands under a key, and the words of the key: another key may have the same shape. */
function keyShape(field: Field<unknown>): Shape {
  const value = field.absent === 'default' ? writtenDefault(field.value) : undefined;
  const words = { description: field.description, ...(value === undefined ? {} : { default: value }) };
  return { ...words, allOf: [field.read.shape] };
}

/** A default as it would be written; undefined where it is a section, whose keys have defaults of their own, or cannot be written. */
function writtenDefault(value: unknown): unknown {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? value : undefined;
  if (typeof value !== 'object') return value;
  return value !== null && 'coefficient' in value ? toText(value as Decimal) : undefined;
}

function refuseOthers(
  value: Readonly<Record<string, unknown>>,
  known: ReadonlyMap<string, unknown>,
  pointer: string,
  faults: Faults,
): void {
  for (const key in value) {
    if (faults.areEnough) return;
    if (known.has(key) || !Object.hasOwn(value, key)) continue;
    faults.push({ pointer: withinShortened(pointer, key), code: 'unknown_key', detail: 'no such key' });
  }
}

function readField(field: Field<unknown>, member: unknown, pointer: string, faults: Faults): unknown {
  if (member !== undefined) return field.read(member, pointer, faults);
  if (field.absent === 'default') return field.value;
  if (field.absent === 'refused') faults.push({ pointer, code: 'required', detail: 'missing' });
  return undefined;
}

/** An object with any keys that `key` accepts. */
export function record<T>(key: Reader<string>, member: Reader<T>): Reader<ReadonlyMap<string, T>> {
  const shape = { type: 'object', propertyNames: key.shape, additionalProperties: member.shape };
  return reader(shape, (value, pointer, faults) => {
    if (!isObject(value)) return invalid(faults, pointer, 'an object', value);
    const before = faults.length;
    const members = new Map<string, T>();
    for (const [name, content] of Object.entries(value)) {
      if (faults.areEnough) return unusable;
      const place = withinShortened(pointer, name);
      key(name, place, faults);
      const read = member(content, place, faults);
      if (read !== unusable) members.set(name, read);
    }
    return faults.length === before ? members : unusable;
  });
}

/** A list of at least `atLeast` and at most `atMost` items. */
export function list<T>(item: Reader<T>, atLeast = 0, atMost = MAX_LIST_ITEMS): Reader<readonly T[]> {
  const shape = { type: 'array', items: item.shape, minItems: atLeast, maxItems: atMost };
  return reader(shape, (value, pointer, faults) => {
    if (!Array.isArray(value)) return invalid(faults, pointer, 'a list', value);
    if (value.length > atMost) return tooLarge(faults, pointer, `at most ${atMost} items belong here`);
    if (value.length < atLeast) return invalid(faults, pointer, `a list of ${atLeast} to ${atMost} items`, value);
    const before = faults.length;
    const items: T[] = [];
    for (const [index, content] of value.entries()) {
      if (faults.areEnough) return unusable;
      const read = item(content, within(pointer, index), faults);
      if (read !== unusable) items.push(read);
    }
    return faults.length === before ? items : unusable;
  });
}

/** A list or an object of at most so many items or members, where it comes in; what is stored may have more. */
export function atMost<T>(limit: number, read: Reader<T>): Reader<T> {
  const bound = read.shape['type'] === 'array' ? { maxItems: limit } : { maxProperties: limit };
  return reader({ ...read.shape, ...bound }, (value, pointer, faults) =>
    faults.atTheDoor && hasMoreThan(limit, value)
      ? tooLarge(faults, pointer, `at most ${limit} items belong here`)
      : read(value, pointer, faults),
  );
}

function hasMoreThan(limit: number, value: unknown): boolean {
  if (Array.isArray(value)) return value.length > limit;
  let members = 0;
  if (isObject(value)) for (const key in value) if (Object.hasOwn(value, key) && ++members > limit) return true;
  return false;
}

/** An object of one of several shapes, told apart by its `tag`. */
export function variant<T>(tag: string, readers: ReadonlyMap<string, Reader<T>>): Reader<T> {
  const shape = { type: 'object', required: [tag], oneOf: [...readers.values()].map((each) => each.shape) };
  return reader(shape, (value, pointer, faults) => {
    if (!isObject(value)) return invalid(faults, pointer, 'an object', value);
    const name = ownMember(value, tag);
    if (name === undefined) {
      faults.push({ pointer: within(pointer, tag), code: 'required', detail: 'missing' });
      return unusable;
    }
    const read = typeof name === 'string' ? readers.get(name) : undefined;
    if (!read) return invalid(faults, within(pointer, tag), `one of ${[...readers.keys()].join(', ')}`, name);
    return read(value, pointer, faults);
  });
}

/** What was read, made into something else. */
export function mapped<T, R>(read: Reader<T>, make: (value: T) => R): Reader<R> {
  return reader(read.shape, (value, pointer, faults) => {
    const source = read(value, pointer, faults);
    return source === unusable ? unusable : make(source);
  });
}

/** What was read, refused where `fault` says what belongs here instead; `shape` is what of that a JSON Schema can say. */
export function checked<T>(read: Reader<T>, fault: (value: T) => string | undefined, shape: Shape = {}): Reader<T> {
  return reader({ ...read.shape, ...shape }, (value, pointer, faults) => {
    const source = read(value, pointer, faults);
    if (source === unusable) return unusable;
    const expected = fault(source);
    return expected === undefined ? source : invalid(faults, pointer, expected, value);
  });
}

/** The same where it comes in; what is stored was read without this rule. */
export function checkedAtTheDoor<T>(
  read: Reader<T>,
  fault: (value: T) => string | undefined,
  shape: Shape = {},
): Reader<T> {
  const strictly = checked(read, fault, shape);
  return reader(strictly.shape, (value, pointer, faults) =>
    (faults.atTheDoor ? strictly : read)(value, pointer, faults),
  );
}

/** Null, or what the reader takes. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  const shape = { anyOf: [read.shape, { type: 'null' }] };
  return reader(shape, (value, pointer, faults) => (value === null ? null : read(value, pointer, faults)));
}

/** Says that something else belongs where `value` stands. */
export function invalid(faults: Faults, pointer: string, expected: string, value: unknown): typeof unusable {
  faults.push({ pointer, code: 'invalid_value', detail: `${expected} belongs here, not ${shown(value)}` });
  return unusable;
}

/** Says that a list or an object has more than is taken. */
function tooLarge(faults: Faults, pointer: string, detail: string): typeof unusable {
  faults.isTooLarge = true;
  return overBound(faults, pointer, detail);
}

/** Says that something is longer or larger than is taken. */
export function overBound(faults: Faults, pointer: string, detail: string): typeof unusable {
  faults.push({ pointer, code: 'too_large', detail });
  return unusable;
}

/** The pointer of a key that somebody made up; a very long one is cut, since nothing is to be found there. */
function withinShortened(pointer: string, key: string): string {
  return within(pointer, key.length <= MAX_POINTED_LENGTH ? key : `${key.slice(0, MAX_POINTED_LENGTH)}…`);
}

/** A plain object: no list, and none of the maps, sets and dates that a YAML tag can make. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** A member of the content itself; what its prototype brings along is not there. */
export function ownMember(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function shown(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? shortened(JSON.stringify(value)) : typeof value;
}

/** The beginning of a text that an author wrote, for a fault's detail. */
export function shortened(text: string): string {
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}…`;
}
