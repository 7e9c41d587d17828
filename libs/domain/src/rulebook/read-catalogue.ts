import type { Decimal } from '../amount/decimal';
import { price } from './read-price';
import type {
  Channel,
  FieldMultiplier,
  Group,
  Model,
  Price,
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
  requestsPerMinute: omittable(limit),
  requestsPerDay: omittable(limit),
});

const everyModel: readonly string[] = ['*'];
export const whitelist = optional(atMost(MAX_GLOBS, list(modelGlob)), everyModel);

interface PriorityContent {
  readonly level?: number;
  readonly name?: string;
}

const priority = object<PriorityContent>({ level: omittable(wholeNumber(0, MAX_COUNT)), name: omittable(text) });

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
    id: required(id),
    rank: required(wholeNumber(0, MAX_COUNT)),
    discount: optional(amount, null),
    priority: optional(priority, {}),
    limits: optional(limits, {}),
    webhooks: optional(flag, false),
  }),
  ({ priority, ...content }) => ({
    ...content,
    priority: { level: priority.level ?? content.rank, name: priority.name ?? content.id },
  }),
);

/** A condition that asks for nothing would promote everybody, so it is taken for a mistake. */
const condition: Reader<PromotionCondition> = checked(
  object<PromotionCondition>({
    anyRecharge: omittable(oneOf(true)),
    singleRechargeAtLeast: omittable(amount),
    cumulativeRechargeAtLeast: omittable(amount),
  }),
  (content) => (Object.keys(content).length === 0 ? 'at least one condition' : undefined),
);

export const promotionRule = object<PromotionRule>({
  tier: required(id),
  anyOf: required(atMost(MAX_CONDITIONS, list(condition, 1))),
});

export const group = object<Group>({
  id: required(id),
  multiplier: optional(amount, null),
  models: whitelist,
  limits: optional(limits, {}),
});

export const channel = object<Channel>({ id: required(id), discount: required(amount) });

const fieldMultiplier = object<FieldMultiplier>({
  field: required(text),
  equals: required(text),
  multiplier: required(amount),
});

interface ModelContent extends Omit<Model, 'cost'> {
  readonly cost: Price | null;
}

/** A model whose cost is not told is taken to cost its price, and never a channel's. */
export const model: Reader<Model> = mapped(
  object<ModelContent>({
    id: required(modelId),
    group: required(id),
    minTier: optional(id, null),
    free: optional(flag, false),
    price: required(price),
    channelPrices: optional(atMost(MAX_CHANNEL_PRICES, record(id, price)), new Map<string, Price>()),
    cost: optional(price, null),
    fieldMultipliers: optional(atMost(MAX_FIELD_MULTIPLIERS, list(fieldMultiplier)), []),
  }),
  ({ cost, ...content }) => ({ ...content, cost: cost ?? content.price }),
);
