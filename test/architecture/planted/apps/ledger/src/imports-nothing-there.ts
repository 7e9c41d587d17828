import { nothing } from './nowhere';

export const something = [nothing];
