import { SystemClock } from '@meterbook/runtime/system-clock';
import { describeEventStore } from '../event-store-contract';
import { describeTakeOver } from '../take-over-contract';
import { EsdbEventStore } from './esdb-event-store';
import { testKinds } from './testing/store-bench';
import { WireServer } from './testing/wire-server';

let server: WireServer;

beforeEach(async () => {
  server = new WireServer();
  await server.start();
});
afterEach(() => server.stop());

const engine = {
  open: () => new EsdbEventStore(server.connectionString, new SystemClock(), { kinds: testKinds, prefix: '' }),
  destroy: async () => undefined,
};
describeEventStore('EsdbEventStore', () => engine);
describeTakeOver('EsdbEventStore', () => engine);
