export const ledger = 'books';
