export const floats = 'none';
