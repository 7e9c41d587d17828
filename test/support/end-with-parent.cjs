// Required by the processes that a test starts: where the test is killed, nobody else would end them.
const { isMainThread } = require('node:worker_threads');

const LOOK_EVERY_MS = 500;
const parent = process.ppid;

if (isMainThread) {
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, LOOK_EVERY_MS).unref();
}
