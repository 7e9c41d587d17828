import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp } from '@meterbook/http/http-app';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { Topics, type ConsumerLag, type TopicRecord } from '@meterbook/topics/topics';
import { UsageIngestModule } from '../usage-ingest.module';

/** Topics that keep what is published, and acknowledge when they are told to. */
export class KeptTopics extends Topics {
  readonly published: { readonly topic: string; readonly records: readonly TopicRecord[] }[] = [];
  acknowledge: () => Promise<void> = () => Promise.resolve();

  override async publish(topic: string, records: readonly TopicRecord[]): Promise<void> {
    await this.acknowledge();
    this.published.push({ topic, records });
  }

  override consume(): Promise<void> {
    return Promise.reject(new Error('Nothing is consumed here.'));
  }

  override lag(): Promise<ConsumerLag[]> {
    return Promise.resolve([]);
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}

@Global()
@Module({})
class EnginesModule {}

@Module({})
class IngestService {}

const engines = (topics: Topics, clock: Clock, environment: Record<string, string>): DynamicModule => ({
  module: EnginesModule,
  providers: [
    { provide: Topics, useValue: topics },
    { provide: Clock, useValue: clock },
    { provide: CONFIGURATION, useValue: readConfiguration(environment) },
  ],
  exports: [Topics, Clock, CONFIGURATION],
});

/** Ingest alone, on these topics, with this environment. It does not listen yet. */
export const ingestApp = async (
  topics: Topics,
  clock: Clock,
  environment: Record<string, string> = {},
): Promise<NestFastifyApplication> => {
  const service: DynamicModule = {
    module: IngestService,
    imports: [engines(topics, clock, environment), UsageIngestModule],
  };
  const app = await createHttpApp(service, {
    configuration: readConfiguration(environment),
    log: createLog('fatal'),
    clock,
    random: new SystemRandom(),
    title: 'Usage ingest',
    description: 'Takes usage in.',
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
};
