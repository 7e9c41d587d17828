export const stray = 'on no floor';
