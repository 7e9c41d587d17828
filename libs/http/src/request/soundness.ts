import { getMetadataStorage, ValidationTypes } from 'class-validator';

type ValidationMetadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Look = (object: object, value: unknown) => boolean;

interface PropertyRules {
  readonly name: string;
  /** All of these have to hold, or the property is not looked at. */
  readonly conditions: readonly Look[];
  readonly checks: readonly Look[];
}

/** Whether an object breaks none of the rules of its class; undefined where only class-validator itself can tell. */
export type IsSound = (object: object) => boolean | undefined;

/**
 * Reads the rules of a DTO class once, so that a request without a fault costs little: class-validator gathers them anew for every
 * object. It keeps the last word on what is faulty, and on classes with rules of other kinds than those known here.
 */
export function soundnessOf(dto: new () => object): IsSound {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))];
  const properties: PropertyRules[] = [];
  for (const name of names) {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    const conditions = own.filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION).map(conditionIn);
    const others = own.filter(({ type }) => type !== ValidationTypes.CONDITIONAL_VALIDATION);
    const checks = others.map((rule) => checkIn(rule, dto));
    if (!checks.every((check) => check !== undefined)) return () => undefined;
    properties.push({ name, conditions, checks });
  }
  return (object) => properties.every((property) => isSound(property, object));
}

function isSound({ name, conditions, checks }: PropertyRules, object: object): boolean {
  const value: unknown = Reflect.get(object, name);
  return !conditions.every((holds) => holds(object, value)) || checks.every((holds) => holds(object, value));
}

const conditionIn = ({ constraints }: ValidationMetadata): Look => {
  const condition = constraints[0] as Look;
  return (object, value) => condition(object, value);
};

/** The check of a rule; undefined for a rule of another kind, for one about each item of a list, and for one that has to be waited for. */
function checkIn(rule: ValidationMetadata, dto: new () => object): Look | undefined {
  const { type, each, validateIf, constraintCls, constraints, propertyName: property } = rule;
  if (type !== ValidationTypes.CUSTOM_VALIDATION || each || validateIf) return undefined;
  const found = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  const [constraint] = found;
  if (!constraint || found.length > 1 || constraint.async) return undefined;
  const { instance } = constraint;
  return (object, value) =>
    instance.validate(value, { targetName: dto.name, property, object, value, constraints }) === true;
}
