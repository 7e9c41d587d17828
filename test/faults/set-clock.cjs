/**
 * Loaded before everything else in each thread of a process (`NODE_OPTIONS=--require`): its clock can be set from outside, by writing
 * into the file that CLOCK_OFFSET_FILE names how many milliseconds it is ahead. Timers go on as they do where a machine's clock is set.
 */
const { readFileSync } = require('node:fs');

const file = process.env.CLOCK_OFFSET_FILE;
const realNow = Date.now.bind(Date);
const lookEveryMs = 5;
let lookedAtMs = 0;
let offsetMs = 0;

Date.now = () => {
  const now = realNow();
  if (now - lookedAtMs >= lookEveryMs) {
    lookedAtMs = now;
    try {
      offsetMs = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      // Nobody has set it yet.
    }
  }
  return now + offsetMs;
};
