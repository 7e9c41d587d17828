import { MAX_LOTS_PER_DRAW } from '../wallet/lots';

/**
 * Bytes of one charge as it is stored (JSON, UTF-8), beside its lots. Most of it is what usage may report: 32 fields of 128 and
 * 1024 bytes, which quotation marks double, 64 units, and labels of its own and of its key. As much again may come from 64 field multipliers that match, each
 * told with its field; the exact product has 30 digits for each of them. The rest are names and the price.
 */
export const MAX_BYTES_BESIDE_LOTS = 224 * 1024;
/**
 * A lot's number of at most 16 digits, and an amount. It has at most 36 digits, with a fraction of 12: 18 digits times a rate of 18. What
 * pools leave to a wallet can have a longer fraction: of 24 digits, a base times a bonus, and 99 more where a unit of currency is 2^99
 * of the smallest part of a credit.
 */
export const MAX_BYTES_PER_LOT = 176;

/**
 * The largest charge that usage which is taken and a rulebook which is taken can come to, in bytes: whoever cuts an event by
 * size always gets one charge into it. Rulebooks from before their bounds are not held to it.
 */
export const MAX_CHARGE_BYTES = MAX_BYTES_BESIDE_LOTS + MAX_LOTS_PER_DRAW * MAX_BYTES_PER_LOT;
