import { addBackup } from './backup/backup';
import { addRestore } from './backup/restore';
import type { AddCommand } from './command';
import { addCopy } from './copy/copy';
import { addDemo } from './demo/demo';
import { addQuote } from './quote/quote';
import { addRebuild } from './rebuild/rebuild';
import { addRulebook } from './rulebook/rulebook';
import { addStart } from './start/start';
import { addVerify } from './verify/verify';

/** Every command, in the order of the help. A new one has a folder of its own, and its place in this list. */
export const commands: readonly AddCommand[] = [
  addStart,
  addDemo,
  addVerify,
  addRebuild,
  addBackup,
  addRestore,
  addCopy,
  addRulebook,
  addQuote,
];
