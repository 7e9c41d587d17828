/** Races that one publication may lose to others before it is refused. */
export const maxPublishAttempts = 20;
/** Largest rulebook, in bytes. */
export const maxRulebookBytes = 4 * 1024 * 1024;
