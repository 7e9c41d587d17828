import { chicken } from './hen';

export const egg = (): string => chicken();
