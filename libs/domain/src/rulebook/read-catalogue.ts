import { one, type Decimal } from '../amount/decimal';
import type { Price } from './price';
import { price } from './read-price';
import type {
  Channel,
  FieldMultiplier,
  Group,
  Model,
  PromotionCondition,
  PromotionRule,
  RequestLimits,
  Tier,
} from './rulebook';
import { MAX_CHANNEL_PRICES, MAX_CONDITIONS, MAX_FIELD_MULTIPLIERS, MAX_GLOBS } from './limits';
import {
  atMost,
  checked,
  list,
  mapped,
  nullable,
  object,
  omittable,
  optional,
  record,
  required,
  type Reader,
} from './schema';
import { MAX_COUNT, amount, flag, id, modelGlob, modelId, oneOf, text, wholeNumber } from './values';

const limit = nullable(wholeNumber(0, MAX_COUNT));

export const limits: Reader<RequestLimits> = object<RequestLimits>({
  requestsPerMinute: omittable('Requests in 60 seconds; null is unlimited, left out asks the next source.', limit),
  requestsPerDay: omittable('Requests on a day (UTC); null is unlimited, left out asks the next source.', limit),
});

const everyModel: readonly string[] = ['*'];
export const whitelist = optional(
  'Models that are allowed: names and patterns in order, `!` before one takes away.',
  atMost(MAX_GLOBS, list(modelGlob)),
  everyModel,
);

interface PriorityContent {
  readonly level?: number;
  readonly name?: string;
}

const priority = object<PriorityContent>({
  level: omittable('Higher goes first; the rank where it is left out.', wholeNumber(0, MAX_COUNT)),
  name: omittable('What the level is called; the id of the tier where it is left out.', text),
});

interface TierContent {
  readonly id: string;
  readonly rank: number;
  readonly discount: Decimal | null;
  readonly priority: PriorityContent;
  readonly limits: RequestLimits;
  readonly webhooks: boolean;
}

/** A tier without a priority has its rank's and its own name. */
export const tier: Reader<Tier> = mapped(
  object<TierContent>({
    id: required('What the tier is called.', id),
    rank: required('Its place; each tier has a higher one than that before it.', wholeNumber(0, MAX_COUNT)),
    discount: optional('What multiplies the charges of its accounts; 1 where it is left out.', amount, null),
    priority: optional('How urgent its requests are to a gateway.', priority, {}),
    limits: optional('How many requests its accounts may make.', limits, {}),
    webhooks: optional('Whether its accounts may register webhooks.', flag, false),
  }),
  ({ priority, ...content }) => ({
    ...content,
    priority: { level: priority.level ?? content.rank, name: priority.name ?? content.id },
  }),
);

/** A condition that asks for nothing would promote everybody, so it is taken for a mistake. */
const condition: Reader<PromotionCondition> = checked(
  object<PromotionCondition>({
    anyRecharge: omittable('It takes any recharge at all.', oneOf(true)),
    singleRechargeAtLeast: omittable('It takes a recharge of this size or more.', amount),
    cumulativeRechargeAtLeast: omittable('It takes recharges that come to this or more.', amount),
  }),
  (content) => (Object.keys(content).length === 0 ? 'at least one condition' : undefined),
  { minProperties: 1 },
);

export const promotionRule = object<PromotionRule>({
  tier: required('The tier that is earned.', id),
  anyOf: required(
    'Conditions, one of which is enough; the keys of one must all hold.',
    atMost(MAX_CONDITIONS, list(condition, 1)),
  ),
});

export const group = object<Group>({
  id: required('What the group is called.', id),
  multiplier: optional('What multiplies the charges of the group; 1 where it is left out.', amount, null),
  models: whitelist,
  limits: optional('How many requests an account may make in this group.', limits, {}),
});

export const channel = object<Channel>({
  id: required('What the channel is called.', id),
  discount: optional('What multiplies the charges of usage that goes through it.', amount, one),
});

const fieldMultiplier = object<FieldMultiplier>({
  field: required('The field of the usage that is looked at.', text),
  equals: required('The value that it must have.', text),
  multiplier: required('What then multiplies the price.', amount),
});

interface ModelContent extends Omit<Model, 'cost'> {
  readonly cost: Price | null;
}

/** A model whose cost is not told is taken to cost its price, and never a channel's. */
export const model: Reader<Model> = mapped(
  object<ModelContent>({
    id: required('The model, or a pattern in which * stands for anything.', modelId),
    group: required('The group that its usage belongs to where neither the usage nor the key names one.', id),
    minTier: optional('The lowest tier that may use it.', id, null),
    free: optional('Whether plans that allow `free` models allow it.', flag, false),
    price: required('What it costs.', price),
    channelPrices: optional(
      'What it costs through one channel, where that is another price.',
      atMost(MAX_CHANNEL_PRICES, record(id, price)),
      new Map<string, Price>(),
    ),
    cost: optional('What upstream takes for it; its price where it is left out.', price, null),
    channelCosts: optional(
      'What upstream takes through one channel, where that is something else.',
      atMost(MAX_CHANNEL_PRICES, record(id, price)),
      new Map<string, Price>(),
    ),
    fieldMultipliers: optional(
      'What multiplies its price by the fields of the usage; all that match count.',
      atMost(MAX_FIELD_MULTIPLIERS, list(fieldMultiplier)),
      [],
    ),
  }),
  ({ cost, ...content }) => ({ ...content, cost: cost ?? content.price }),
);
