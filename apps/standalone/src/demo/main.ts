import { playDemo, type DemoEnd } from './play-demo';

/** 0 only where every expectation held; 130 is what shells expect of a process that was interrupted. */
const exitCodes: Readonly<Record<DemoEnd, number>> = { held: 0, differed: 1, failed: 1, interrupted: 130 };

playDemo({ exits: process.argv.includes('--exit'), port: process.env['PORT'] ?? '' }).then(
  (end) => process.exit(exitCodes[end]),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
