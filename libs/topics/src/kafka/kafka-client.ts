import { Kafka, type Admin, type KafkaConfig } from 'kafkajs';
import './request-queue-fix';

/**
 * The administrative connection. It is opened when it is first needed, and thrown away after a failure: a kafkajs client does not
 * recover from every loss of a broker, a new one does.
 */
export class KafkaAdmin {
  private connected: Promise<Admin> | undefined;

  constructor(private readonly settings: KafkaConfig) {}

  async use<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const connected = (this.connected ??= this.connect());
    try {
      return await work(await connected);
    } catch (error) {
      if (this.connected === connected) this.connected = undefined;
      await disconnect(connected);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.connected) await disconnect(this.connected);
    this.connected = undefined;
  }

  private async connect(): Promise<Admin> {
    const admin = newKafka(this.settings).admin();
    await admin.connect();
    return admin;
  }
}

/** A client for one purpose: the consumers of one client share what they believe is committed, even where they are members of one group. */
export function newKafka(settings: KafkaConfig): Kafka {
  return new Kafka(settings);
}

async function disconnect(connected: Promise<Admin>): Promise<void> {
  try {
    await (await connected).disconnect();
  } catch {
    // A connection that cannot be closed is gone.
  }
}
