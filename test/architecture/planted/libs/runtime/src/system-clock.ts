export const tellsTheTime = (): number => Date.now();
