import { channel, group, limits, model, promotionRule, tier } from './read-catalogue';
import { plan } from './read-commerce';
import { price } from './read-price';
import { rulebookContent } from './read-rulebook';
import type { Shape } from './schema';

/** Parts that a schema names, since they stand in several places or are read best by themselves. */
const namedParts: Readonly<Record<string, Shape>> = {
  RequestLimits: limits.shape,
  Tier: tier.shape,
  PromotionRule: promotionRule.shape,
  Group: group.shape,
  Channel: channel.shape,
  Price: price.shape,
  Model: model.shape,
  Plan: plan.shape,
};

const isShape = (value: unknown): value is Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A shape with its named parts replaced by references, which begin with `at`. */
function withReferences(shape: Shape, at: string): Shape {
  const members = Object.entries(shape).map(([key, value]) => [key, referring(value, at)] as const);
  return inOnePiece(Object.fromEntries(members));
}

function referring(value: unknown, at: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => referring(item, at));
  if (!isShape(value)) return value;
  const name = Object.keys(namedParts).find((part) => namedParts[part] === value);
  return name === undefined ? withReferences(value, at) : { $ref: `${at}${name}` };
}

/** What stands under a key and the words of the key, in one where nothing has a name. */
function inOnePiece(shape: Shape): Shape {
  const { allOf, ...words } = shape;
  const only: unknown = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
  return isShape(only) && !('$ref' in only) ? { ...only, ...words } : shape;
}

/** The schema of a rulebook and of each of its named parts; a reference is `at` and the name of a part. */
export function rulebookSchemas(at: string): {
  readonly rulebook: Shape;
  readonly parts: Readonly<Record<string, Shape>>;
} {
  const parts = Object.entries(namedParts).map(([name, shape]) => [name, withReferences(shape, at)] as const);
  return { rulebook: withReferences(rulebookContent.shape, at), parts: Object.fromEntries(parts) };
}

/** The JSON Schema of a rulebook, as its reader has it: an editor that knows it completes one. */
export function rulebookSchema(): Shape {
  const { rulebook, parts } = rulebookSchemas('#/definitions/');
  return {
    // Editors know this version of JSON Schema best.
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:meterbook:schema:rulebook',
    title: 'Rulebook',
    description: "A platform's commercial rules, as one version of them is published.",
    ...rulebook,
    definitions: parts,
  };
}
