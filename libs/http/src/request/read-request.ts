import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { within } from '@meterbook/domain/rulebook/fault';
import { Problem } from '../problem/problem';
import { isPlainObject, jsonType, type ValueCheck } from '@meterbook/messages/reading/value-check';
import { soundnessOf, type IsSound } from './soundness';
import { nestedOf, type NestedProperty } from './value-decorators';
import type { FaultCode, Fault, ValueFault } from '@meterbook/messages/reading/fault';

export type DtoClass<T extends object = object> = new () => T;

/** Of several faults of one value the first of these is told. */
const order: readonly FaultCode[] = ['required', 'invalid_amount', 'invalid_type', 'too_long', 'invalid_value'];

/** The codes of class-validator's own rules; one that is not here says `invalid_value`. */
const codeOfRule: Readonly<Record<string, FaultCode>> = {
  isString: 'invalid_type',
  isBoolean: 'invalid_type',
  isInt: 'invalid_type',
  isNumber: 'invalid_type',
  isArray: 'invalid_type',
  isObject: 'invalid_type',
  isDefined: 'required',
  maxLength: 'too_long',
  arrayMaxSize: 'too_long',
};

/** Faults of one request that are told; a body with more of them is no mistake but nonsense. */
const MAX_FAULTS = 100;

/** The names a DTO class has rules for. */
const declared = new Map<DtoClass, ReadonlySet<string>>();

function declaredBy(dto: DtoClass): ReadonlySet<string> {
  const known = declared.get(dto);
  if (known) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = new Set(rules.map((rule) => rule.propertyName));
  declared.set(dto, names);
  return names;
}

/** How each DTO class tells at once that an object of it is sound. */
const soundness = new Map<DtoClass, IsSound>();

function isSound(dto: DtoClass, instance: object): boolean | undefined {
  let known = soundness.get(dto);
  if (!known) soundness.set(dto, (known = soundnessOf(dto)));
  return known(instance);
}

/** Whether a class is a DTO, that is, has rules. */
export const isDto = (type: unknown): type is DtoClass =>
  typeof type === 'function' && type.prototype !== undefined && declaredBy(type as DtoClass).size > 0;

/** Reads a value as a DTO and notes every fault with its JSON pointer. The result is to be used only when there is none. */
export function readObject<T extends object>(dto: DtoClass<T>, value: unknown, pointer: string, faults: Fault[]): T {
  // Not `new`, so that a property that is absent in the body is absent here.
  const instance = Object.create(dto.prototype as object) as T;
  if (!isPlainObject(value)) {
    faults.push({ pointer, code: 'invalid_type', detail: `must be an object, not ${jsonType(value)}` });
    return instance;
  }
  const names = declaredBy(dto);
  const nested = nestedOf(dto.prototype as object);
  for (const [key, member] of Object.entries(value)) {
    const at = within(pointer, key);
    if (names.has(key)) {
      const property = Object.hasOwn(nested, key) ? nested[key] : undefined;
      Object.assign(instance, { [key]: property ? readNested(property, member, at, faults) : member });
    } else {
      faults.push({ pointer: at, code: 'unknown_property', detail: 'is not known here' });
    }
  }
  if (isSound(dto, instance) === true) return instance;
  for (const error of validateSync(instance))
    faults.push({ pointer: within(pointer, error.property), ...toFault(error) });
  return instance;
}

/** What is no object or list stays as it is: the rule of the property refuses it. */
function readNested({ list, dto }: NestedProperty, value: unknown, pointer: string, faults: Fault[]): unknown {
  if (!list) return isPlainObject(value) ? readObject(dto(), value, pointer, faults) : value;
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown, at) => readObject(dto(), item, within(pointer, at), faults));
}

const checkOf = (context: unknown): ValueCheck | undefined =>
  typeof context === 'object' && context !== null && 'check' in context ? (context.check as ValueCheck) : undefined;

/** One fault for a property that broke one or more rules. */
function toFault({ value, constraints = {}, contexts = {} }: ValidationError): ValueFault {
  if (value === undefined) return { code: 'required', detail: 'is missing' };
  const faults = Object.entries(constraints).map(([rule, message]): ValueFault => {
    const ours = checkOf(contexts[rule])?.(value);
    return ours ?? { code: codeOfRule[rule] ?? 'invalid_value', detail: message };
  });
  const [first] = faults.sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
  return first ?? { code: 'invalid_value', detail: 'is not taken here' };
}

/** Reads a body or a query as a DTO; throws `invalid_amount` (400) where an amount is wrong, else `invalid_request` (422), with every fault. */
export function readRequest<T extends object>(dto: DtoClass<T>, value: unknown): T {
  const faults: Fault[] = [];
  const instance = readObject(dto, value, '', faults);
  if (faults.length === 0) return instance;
  throw requestProblem(faults);
}

/** The problem that a request with these faults is answered with. */
export function requestProblem(faults: readonly Fault[]): Problem {
  const amount = faults.find(({ code }) => code === 'invalid_amount');
  const told = amount ?? faults[0];
  const detail = told ? `${told.pointer === '' ? 'The body' : told.pointer} ${told.detail}.` : 'The request is faulty.';
  return new Problem(amount ? 'invalid_amount' : 'invalid_request', detail, { errors: faults.slice(0, MAX_FAULTS) });
}
