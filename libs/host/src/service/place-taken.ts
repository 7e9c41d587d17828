const sentences: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not listen there',
  ENOTFOUND: 'nobody knows that name',
};

/** The process cannot listen where its configuration says. */
export class PlaceTaken extends Error {
  override readonly name = 'PlaceTaken';
  readonly remedy = 'Stop whoever listens there, or set HOST and PORT to another place.';

  private constructor(place: string, why: string, cause: unknown) {
    super(`Cannot listen at ${place}: ${why}.`, { cause });
  }

  /** What a failure to listen stands for; undefined for any other error. */
  static of(error: unknown): PlaceTaken | undefined {
    if (typeof error !== 'object' || error === null || !('syscall' in error) || !('code' in error)) return undefined;
    const why = sentences[String(error.code)];
    if (why === undefined || (error.syscall !== 'listen' && error.code !== 'ENOTFOUND')) return undefined;
    const [host, port] = ['address', 'port'].map((part) => (part in error ? String(Reflect.get(error, part)) : ''));
    return new PlaceTaken(port === '' ? String(host) : `${host}:${port}`, why, error);
  }
}
