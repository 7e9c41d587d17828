// Waits until every broker of a cluster is known to the others and serves groups and idempotent producers.
const { Kafka, Partitioners, logLevel } = require('kafkajs');

const TIMEOUT_MS = 90_000;
const LOOK_EVERY_MS = 250;

const brokers = (process.argv[2] ?? '').split(',');
const end = Date.now() + TIMEOUT_MS;

async function serves() {
  const retry = { retries: 0 };
  const kafka = new Kafka({ clientId: 'ready', brokers, logLevel: logLevel.NOTHING, retry, requestTimeout: 5000 });
  const admin = kafka.admin();
  const producer = kafka.producer({
    idempotent: true,
    retry: { retries: 1 },
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length < brokers.length)
      throw new Error(`${cluster.brokers.length} brokers of ${brokers.length} are there`);
    await admin.fetchOffsets({ groupId: 'ready' });
    await producer.connect();
  } finally {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
  }
}

async function main() {
  for (;;) {
    try {
      return await serves();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(`not ready within ${TIMEOUT_MS} ms: ${error.message}`);
    process.exit(1);
  },
);
