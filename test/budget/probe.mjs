import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';

/**
 * A client in a process of its own, so that nothing else that the test does delays it. It asks at fixed times, whether or not
 * the answers before have come: a standstill is then seen by everything that was asked during it.
 */
const livenessEveryMs = 10;
const rechargeEveryMs = 50;
/** Recharges under way at a time, at the most. */
const maxRecharges = 4;
const accounts = 1000;
const syncs = 200;
const syncedBytes = 16 * 1024;

const agent = new Agent({ keepAlive: true });
let recharges = 0;

function timed(url, method, path, body) {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const end = (status) => resolve({ ms: performance.now() - startedMs, status });
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = request(url + path, { method, agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => end(answer.statusCode));
    });
    call.once('error', () => end(0));
    call.end(body);
  });
}

function recharge(url) {
  const number = recharges++;
  const body = { rechargeId: `${process.pid}-${number}`, provider: 'manual', amount: '1', currency: 'USD' };
  const path = `/v1/platforms/budget/accounts/a${number % accounts}/recharges`;
  return timed(url, 'POST', path, JSON.stringify(body));
}

function watch(url) {
  const seen = { live: [], recharge: [], failed: [] };
  const underWay = new Set();
  const ask = (kind, wanted, call) => {
    const asked = call.then(({ ms, status }) => {
      underWay.delete(asked);
      seen[kind].push(ms);
      if (status !== wanted) seen.failed.push(`${kind} ${status}`);
    });
    underWay.add(asked);
  };
  let rechargesUnderWay = 0;
  const timers = [
    setInterval(() => ask('live', 200, timed(url, 'GET', '/health/live')), livenessEveryMs),
    setInterval(() => {
      if (rechargesUnderWay >= maxRecharges) return;
      rechargesUnderWay += 1;
      ask(
        'recharge',
        201,
        recharge(url).finally(() => (rechargesUnderWay -= 1)),
      );
    }, rechargeEveryMs),
  ];
  return async () => {
    timers.forEach((timer) => clearInterval(timer));
    await Promise.all(underWay);
    return seen;
  };
}

/** What the disk alone takes to make a page durable. */
function syncTimes(folder) {
  const path = join(folder, 'sync');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(syncedBytes, 1);
  const times = Array.from({ length: syncs }, () => {
    const startedMs = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - startedMs;
  });
  closeSync(file);
  unlinkSync(path);
  return times;
}

let stop;
process.on('message', async ({ order, url, folder }) => {
  if (order === 'sync') process.send(syncTimes(folder));
  if (order === 'watch') {
    stop = watch(url);
    process.send('watching');
  }
  if (order === 'stop') process.send(await stop());
});
