/**
 * The rules of rating that this release charges by; each charge says them, so that it can be explained and decided again for
 * ever. Before the second, of which charges say nothing, field multipliers and windows multiplied extras too, a kind without a
 * multiple cost what its side costs, and the cost knew no windows. Count up with every change of what the same usage and the
 * same rulebook come to.
 */
export const RATING_RULES = 2;
