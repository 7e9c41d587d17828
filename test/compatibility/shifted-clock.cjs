/**
 * Preloaded into a service (`NODE_OPTIONS=--require`), threads included: its machine's clock is `CLOCK_AHEAD_MS` milliseconds
 * ahead, so that books of fixed days can be written and read on any day.
 */
const RealDate = Date;
const aheadMs = Number(process.env.CLOCK_AHEAD_MS);
if (!Number.isSafeInteger(aheadMs)) throw new Error('CLOCK_AHEAD_MS must be a whole number');

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + aheadMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
};
