const longestWaitMs = 1000; // caught

export const waited = (ms: number): boolean => ms < longestWaitMs;
