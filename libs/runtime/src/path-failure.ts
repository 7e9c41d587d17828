/** What the system's codes say of a path, for whoever set it up. */
const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it is no folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
};

/** A file or folder that something was set up to use cannot be used. */
export class PathUnfit extends Error {
  override readonly name = 'PathUnfit';

  constructor(
    message: string,
    /** What to do, a sentence. */
    readonly remedy: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Why a file or folder cannot be used, as the rest of a sentence; the system's code where there are no words for it. */
export function whyNotThere(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? (sentences[code] ?? code) : String(error);
}
