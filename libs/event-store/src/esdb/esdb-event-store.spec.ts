import { SystemClock } from '@meterbook/runtime/system-clock';
import { describeEventStore } from '../event-store-contract';
import { EsdbEventStore } from './esdb-event-store';
import { testKinds } from './testing/store-bench';
import { WireServer } from './testing/wire-server';

let server: WireServer;

beforeEach(async () => {
  server = new WireServer();
  await server.start();
});
afterEach(() => server.stop());

describeEventStore('EsdbEventStore', () => ({
  open: () => new EsdbEventStore(server.connectionString, new SystemClock(), { kinds: testKinds, prefix: '' }),
  destroy: async () => undefined,
}));
