import { createHash, randomUUID } from 'node:crypto'; // caught
import * as crypto from 'node:crypto'; // caught
import { setTimeout as sleep } from 'node:timers/promises'; // caught
import { performance as stopwatch } from 'perf_hooks'; // caught
export { randomBytes } from 'node:crypto'; // caught

export const instants = [
  Date.now(), // caught
  Date['now'](), // caught
  Date(), // caught
  new Date(), // caught
  globalThis.Date.now(), // caught
  performance.now(), // caught
  process.uptime(), // caught
  new Date(0),
  Date.parse('2026-11-01T00:00:00.000Z'),
  Date.UTC(2026, 10, 1),
];
const { now } = Date; // caught
const clock: { now(): number } = Date; // caught
export const isDate = (value: unknown): value is Date => value instanceof Date;
export const times = [now, clock, sleep, stopwatch];

const { random, floor } = Math; // caught
export const chances = [
  Math.random(), // caught
  Math['random'](), // caught
  Math.max(1, 2),
  random,
  floor,
  randomUUID(),
  globalThis.crypto.getRandomValues(new Uint8Array(1)), // caught
  crypto.randomInt(2),
  createHash('sha256'),
];

export function later(run: () => void): AbortSignal {
  setTimeout(run, 1); // caught
  setInterval(run, 1); // caught
  setImmediate(run); // caught
  return AbortSignal.timeout(1); // caught
}

export function ports(performance: { now(): number }, setTimeout: () => void): number {
  setTimeout();
  return performance.now();
}
