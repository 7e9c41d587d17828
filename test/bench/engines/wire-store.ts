import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';

/** The wire test server as a process of its own, which lives until it is killed. It says its connection string. */
async function main(): Promise<void> {
  const server = new WireServer();
  await server.start();
  console.log(server.connectionString);
}

void main();
