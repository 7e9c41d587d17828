import { DiskFull } from '@meterbook/runtime/disk-full';
import { withoutSecrets } from '@meterbook/runtime/log';
import { PathUnfit } from '@meterbook/runtime/path-failure';
import { isUnfitToStart, startFailureText } from '@meterbook/runtime/unfit-to-start';
import { PlaceTaken } from './place-taken';

/** Why something could not be started: a sentence and a remedy where whoever set it up can mend it, else the stack. Without secrets. */
export function whyNotStarted(reason: unknown): string {
  const error = isUnfitToStart(reason)
    ? reason
    : (PlaceTaken.of(reason) ?? DiskFull.of(reason) ?? PathUnfit.of(reason) ?? reason);
  if (isUnfitToStart(error)) return withoutSecrets(startFailureText(error));
  return withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
