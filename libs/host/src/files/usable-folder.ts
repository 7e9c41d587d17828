import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { PathUnfit, whyNotThere } from '@meterbook/runtime/path-failure';

/** Makes the folder that a variable names where it is missing. Throws `PathUnfit`, before anything half-made is left in it. */
export function makeUsable(variable: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const path = resolve(folder);
    throw new PathUnfit(
      `${variable} is ${path}, which cannot be written to: ${whyNotThere(error)}.`,
      `Set ${variable} to a folder that this user may write to, or make ${path} one.`,
      error,
    );
  }
}
