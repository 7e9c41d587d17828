/** Races that one publication may lose to others before it is refused. */
export const MAX_PUBLISH_ATTEMPTS = 20;
/** Largest rulebook, in bytes. */
export const MAX_RULEBOOK_BYTES = 4 * 1024 * 1024;
