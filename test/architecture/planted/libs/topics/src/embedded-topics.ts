export const embeddedTopics = { takenAtMs: Date.now() };
