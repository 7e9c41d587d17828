import type { Fact } from './facts';

/** What a command comes to before it is remembered: refused, so already, or facts and an answer. */
export type Verdict = string | { readonly facts: readonly Fact[]; readonly answer: unknown } | null;
