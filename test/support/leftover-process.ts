import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/** A process that a test which fails leaves behind keeps nobody waiting: it ends with who started it (`end-with-parent.cjs`). */
export function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
}

/** Before the end of such a process is waited for. */
export function waitFor(child: ChildProcess): void {
  child.ref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.ref();
}
