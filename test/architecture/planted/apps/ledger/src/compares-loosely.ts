export const same = (left: string, right: string): boolean => left == right; // caught
