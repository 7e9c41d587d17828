import { books } from '@meterbook/books/knows-the-floor-above';

export const neighbours = [books];
