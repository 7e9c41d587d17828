import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names a process of this machine so that another can tell whether it still runs: `host pid start`. */
export type ProcessName = string;

export const thisProcess: ProcessName = `${hostname()} ${process.pid} ${startOf(process.pid) ?? '-'}`;

/** True only where the process certainly runs no more. A process of another machine or container may always be alive. */
export function isDead(name: ProcessName): boolean {
  const [host, pid, start] = name.split(' ');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM means that it runs under another user.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const now = startOf(Number(pid));
  return start !== '-' && now !== undefined && now !== start;
}

/** When a process started, in ticks since boot: a number that was used again has another. Undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
