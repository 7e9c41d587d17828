export const line = (names: readonly string[]): string => `names: ${names}`; // caught
