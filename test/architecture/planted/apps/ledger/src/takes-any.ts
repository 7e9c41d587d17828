export type Anything = any; // caught
