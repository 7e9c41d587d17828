/** What the exit code of a command says to a script. */
export const exitCodes = {
  /** Done, and all is well. */
  well: 0,
  /** Not done: the message says why and what to do. */
  notDone: 1,
  /** The command line is wrong: nothing was begun. */
  misused: 2,
  /** Done, and what was looked at is not well. */
  notWell: 3,
  /** Somebody stopped it, by convention of shells. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
