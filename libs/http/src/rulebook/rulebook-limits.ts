/** Largest body that is or holds a rulebook, in bytes. */
export const MAX_RULEBOOK_BYTES = 4 * 1024 * 1024;
