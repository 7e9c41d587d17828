import { storeExtent } from '@meterbook/event-store/embedded/store-extent';
import { folders } from '@meterbook/host/engines/folders';
import { readConfiguration, type Configuration } from '@meterbook/runtime/configuration';
import type { Surroundings } from './command';

/** There are no books where the command was told to look. */
export class NoBooks extends Error {
  override readonly name = 'NoBooks';
  readonly remedy = 'Set DATA_DIR to the folder of a service, or EVENTSTORE_URL to its server.';

  constructor(folder: string) {
    super(`There are no books in ${folder}.`);
  }
}

/** The configuration of the books that are there already; what they would log is kept from the results. Throws `NoBooks`. */
export function existingBooks(environment: Surroundings['environment']): Configuration {
  const configuration = readConfiguration({ ...environment, LOG_LEVEL: 'fatal' });
  // To open a store that is missing would make one, and prove it to be empty.
  const folder = folders(configuration).store;
  if (configuration.EVENTSTORE_URL === null && storeExtent(folder) === undefined) throw new NoBooks(folder);
  return configuration;
}
