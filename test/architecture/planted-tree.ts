import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(__dirname, '../..');
/** A small tree that breaks every rule on purpose; it has a tsconfig.json of its own. */
export const planted = join(__dirname, 'planted');

/** Runs Node in the planted tree and returns what it printed. A tool that found something exits with 1, so the code says little; one that printed nothing has failed. */
export function node(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: planted });
    let printed = '';
    let complaints = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    child.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
    child.on('error', reject);
    child.on('close', () => {
      if (printed === '') reject(new Error(`${args.join(' ')} printed nothing: ${complaints}`));
      else resolve(printed);
    });
    child.stdin.end(input);
  });
}

/** The path of a tool's program in node_modules. */
export const tool = (path: string): string => join(root, 'node_modules', path);
