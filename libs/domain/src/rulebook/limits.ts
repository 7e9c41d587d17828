/**
 * How much of each thing a rulebook may hold when it comes in. What a platform sells fits in easily; what a version costs in
 * memory, and how large the charges rated by it can become, is bounded by these. Beyond them the fault is `too_large`.
 * Versions that were published before a limit are read and charged by all the same.
 */
export const MAX_MODELS = 10_000;
/** Every tier has a multiplier for every group, so their numbers multiply. */
export const MAX_TIERS = 100;
export const MAX_GROUPS = 1000;
export const MAX_CHANNELS = 1000;
export const MAX_PLANS = 1000;
/** Payment providers, and the kinds of subscription that one of them takes. */
export const MAX_PROVIDERS = 100;
export const MAX_PROVIDER_KINDS = 10;
export const MAX_EXCHANGE_RATES = 200;
/** Rules that promote an account, and the conditions of one of them. */
export const MAX_PROMOTION_RULES = 100;
export const MAX_CONDITIONS = 64;
/** Labels that reports can group by. */
export const MAX_LABEL_KEYS = 32;
/** Entries of one whitelist: each is tried against the name of a model. */
export const MAX_GLOBS = 1000;

/** Of one price: rows by conditions, times of day, extras, and kinds of tokens a side with a price, or with a multiple. */
export const MAX_BANDS = 64;
export const MAX_WINDOWS = 64;
export const MAX_EXTRAS = 64;
export const MAX_KIND_PRICES = 64;
/** Fields of the usage that one row asks for; a charge names each with its value. */
export const MAX_CONDITION_FIELDS = 16;
/** Of one model. All field multipliers that match multiply, and the exact product is stored: 30 digits more for each. */
export const MAX_FIELD_MULTIPLIERS = 64;
/** Channels with a price, or with a cost, of their own. */
export const MAX_CHANNEL_PRICES = 100;
