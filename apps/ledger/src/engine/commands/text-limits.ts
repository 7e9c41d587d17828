/** Longest names that a request may use, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 256;
export const MAX_REASON_BYTES = 1024;
export const MAX_CURRENCY_BYTES = 12;
