export const finance = 'reports';
