/** W3C trace context, level 1: version, trace id, parent id and flags; neither of the ids is all zeros. */
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether a value is a `traceparent` that somebody can follow. */
export const isTraceparent = (value: unknown): value is string => typeof value === 'string' && traceparent.test(value);
