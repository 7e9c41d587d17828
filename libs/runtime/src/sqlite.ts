import { createRequire } from 'node:module';
import type Driver from 'better-sqlite3';

/** An open database file. */
export type Database = Driver.Database;
/** A prepared statement. */
export type Statement<Parameters extends unknown[] | object = unknown[], Row = unknown> = Driver.Statement<
  Parameters extends unknown[] ? Parameters : [Parameters],
  Row
>;

/** The first Node that release 13 of the driver runs on; on those before it, that release ends the process. */
const FIRST_NODE_OF_RELEASE_13 = 22;

/**
 * The package that drives SQLite on a version of Node, such as `20.20.2`. Both are better-sqlite3: its release 12 ends the process on
 * Node 24.19 and later, its release 13 on Node 20, so that there is none for all.
 */
export function driverFor(nodeVersion: string): 'better-sqlite3' | 'better-sqlite3-for-node-22' {
  return Number.parseInt(nodeVersion, 10) < FIRST_NODE_OF_RELEASE_13 ? 'better-sqlite3' : 'better-sqlite3-for-node-22';
}

/** The driver of this Node is not installed, or is not made for this system. */
export class DriverMissing extends Error {
  override readonly name = 'DriverMissing';
  readonly remedy =
    'Install again with this Node and with optional dependencies: npm ci. On Node 20 that needs a C++ compiler where no ' +
    'binary can be fetched.';

  constructor(driver: string, cause: unknown) {
    super(`SQLite cannot be used on Node ${process.versions.node}: ${driver} is not there or does not fit.`, { cause });
  }

  /** What a failure to open a database stands for; undefined where the driver is fine. */
  static of(error: unknown): DriverMissing | undefined {
    const [code, message] = [fieldOf(error, 'code'), fieldOf(error, 'message')];
    const isMissing =
      code === 'MODULE_NOT_FOUND' ||
      code === 'ERR_DLOPEN_FAILED' ||
      message.startsWith('Could not locate the bindings file');
    return isMissing ? new DriverMissing(driverFor(process.versions.node), error) : undefined;
  }
}

let loaded: typeof Driver | undefined;

/** Opens a database file, which is made where it is missing; `:memory:` and an empty name are files of nobody. Throws `DriverMissing`. */
export function openDatabase(file: string, options?: Driver.Options): Database {
  try {
    // Only one of the two is loaded: merely to load the other may end the process.
    loaded ??= createRequire(__filename)(driverFor(process.versions.node)) as typeof Driver;
    return new loaded(file, options);
  } catch (error) {
    throw DriverMissing.of(error) ?? error;
  }
}

function fieldOf(error: unknown, name: 'code' | 'message'): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  return typeof value === 'string' ? value : '';
}
