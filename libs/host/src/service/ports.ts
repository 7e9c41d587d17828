import { Global, Module, type DynamicModule } from '@nestjs/common';
import { EventStore } from '@meterbook/event-store/event-store';
import { Topics } from '@meterbook/topics/topics';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { Random } from '@meterbook/runtime/random';

export interface Ports {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly random: Random;
  readonly store?: EventStore | undefined;
  readonly topics?: Topics | undefined;
}

/** What the modules of a service can have injected wherever they are hosted: the ports that were opened, and the configuration. */
@Global()
@Module({})
export class PortsModule {
  static with({ configuration, clock, random, store, topics }: Ports): DynamicModule {
    const ports = [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: Clock, useValue: clock },
      { provide: Random, useValue: random },
      ...(store ? [{ provide: EventStore, useValue: store }] : []),
      ...(topics ? [{ provide: Topics, useValue: topics }] : []),
    ];
    return { module: PortsModule, providers: ports, exports: ports.map(({ provide }) => provide) };
  }
}
