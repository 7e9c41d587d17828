import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { folders } from '@meterbook/host/engines/folders';
import { readConfiguration, type Configuration } from '@meterbook/runtime/configuration';
import { withoutSecrets } from '@meterbook/runtime/log';
import { Misused } from '../command';
import { CopyRefused } from './copy-refused';

/** One side of a copy. */
export interface Deployment {
  readonly configuration: Configuration;
  /** Its store, as it is told; without secrets. */
  readonly store: string;
}

/** The lock of whoever works in a folder: it says nothing of any books. */
const LOCK = 'owner.db';

/** The deployment that an option names: a folder of files, or a file of settings. Nothing of the environment counts. Throws `Misused`. */
export function deploymentNamed(option: string, named: string): Deployment {
  const configuration = readConfiguration({ ...settingsIn(option, resolve(named)), LOG_LEVEL: 'fatal' });
  const { EVENTSTORE_URL, STREAM_PREFIX } = configuration;
  const server = EVENTSTORE_URL === null ? null : withoutSecrets(EVENTSTORE_URL);
  const prefixed = STREAM_PREFIX === '' ? '' : ` under ${STREAM_PREFIX}`;
  return { configuration, store: server === null ? folders(configuration).store : `${server}${prefixed}` };
}

function settingsIn(option: string, path: string): Readonly<Record<string, string | undefined>> {
  if (!existsSync(path)) throw new Misused(`${option} names ${path}, and there is no such folder or file`);
  if (statSync(path).isDirectory()) return { DATA_DIR: path };
  const settings = parseEnv(readFileSync(path, 'utf8')) as Readonly<Record<string, string | undefined>>;
  // Without it a file that sets nothing of ours would stand for the files in the folder where somebody happens to be.
  if (settings['DATA_DIR'] === undefined || settings['DATA_DIR'] === '')
    throw new Misused(`${option} names ${path}, which does not set DATA_DIR`);
  return settings;
}

/** Throws `Misused` where both sides keep their events in one place. */
export function refuseOneStore(from: Deployment, to: Deployment): void {
  if (storeOf(from) === storeOf(to)) throw new Misused(`--from and --to keep their events in one place: ${to.store}`);
}

function storeOf({ configuration }: Deployment): string {
  const { EVENTSTORE_URL, STREAM_PREFIX } = configuration;
  return EVENTSTORE_URL === null ? resolve(folders(configuration).store) : `${STREAM_PREFIX} ${EVENTSTORE_URL}`;
}

/** Whether both sides have the same topics, as far as their settings tell: then they stay where they are. */
export function haveOneTopics({ configuration: from }: Deployment, { configuration: to }: Deployment): boolean {
  if (from.TOPIC_PREFIX !== to.TOPIC_PREFIX) return false;
  const [one, other] = [from, to].map(({ KAFKA_BROKERS }) => [...KAFKA_BROKERS].sort().join());
  if (one !== other) return false;
  return one !== '' || resolve(folders(from).topics) === resolve(folders(to).topics);
}

/** What was made of other books does not fit to these: positions mean nothing in another store. Throws `CopyRefused`. */
export function refuseDerivedFiles({ configuration }: Deployment): void {
  const { finance, tiers, ledger, webhooks } = folders(configuration);
  const found = [finance, tiers, ledger, webhooks].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.db') && name !== LOCK)
          .map((name) => join(folder, name))
      : [],
  );
  const [first] = found;
  if (first !== undefined)
    throw new CopyRefused(
      `${configuration.DATA_DIR} holds files that were made of other books, such as ${first}.`,
      'Set DATA_DIR of --to to an empty folder, or delete finance/, tier-projection/, ledger/ and webhooks/*.db there: they are made again.',
    );
}
