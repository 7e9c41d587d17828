import { KafkaCluster } from './kafka-cluster';

/** Starts a cluster as a test does, says where its files are, and waits to be killed. */
void KafkaCluster.start().then(({ directory }) => {
  console.log(directory);
  setInterval(() => undefined, 60_000);
});
