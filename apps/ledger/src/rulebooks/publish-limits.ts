/** Races that one publication may lose to others before it is refused. */
export const MAX_PUBLISH_ATTEMPTS = 20;
