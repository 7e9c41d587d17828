export const nameOf = (name: string): string => name ?? 'none'; // caught
