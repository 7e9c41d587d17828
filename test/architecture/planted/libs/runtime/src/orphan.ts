export const nobodyAsksForThis = true;
