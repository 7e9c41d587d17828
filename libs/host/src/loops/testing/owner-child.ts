import { whileOwning } from '../while-owning';

/** Owns a folder until it is killed, and says so. */
const [, , folder = ''] = process.argv;
const owned = whileOwning(folder, async () => {
  console.log('owns');
  await new Promise((resolve) => process.stdin.resume().once('end', resolve));
});

void owned(new AbortController().signal);
