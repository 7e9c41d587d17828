export const startedAtMs = Date.now();
