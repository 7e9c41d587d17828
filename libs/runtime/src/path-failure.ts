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
  ENFILE: 'too many files are open',
};

/** Codes that are about who may do what, and not about a path that is wrong. */
const NOT_ALLOWED = ['EACCES', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE'];

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

  /** What a failure of the file system stands for, where whoever set it up can mend it; undefined for any other error. */
  static of(error: unknown): PathUnfit | undefined {
    const path: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'path') : undefined;
    if (typeof path !== 'string' || !NOT_ALLOWED.includes(codeOf(error) ?? '')) return undefined;
    return new PathUnfit(
      `${path} cannot be used: ${whyNotThere(error)}.`,
      'Start as the user who owns the files under DATA_DIR, or give them to this one.',
      error,
    );
  }
}

/** True where a path leads nowhere; false where nobody knows, as in a folder of somebody else. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Why a file or folder cannot be used, as the rest of a sentence; the system's code where there are no words for it. */
export function whyNotThere(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? String(error) : (sentences[code] ?? code);
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
