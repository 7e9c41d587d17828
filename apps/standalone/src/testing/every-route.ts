import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp } from '@meterbook/http/http-app';
import { RouteTable, type Route } from '@meterbook/http/route-table';
import { openEngines } from '@meterbook/host/engines/engines';
import type { Clock } from '@meterbook/runtime/clock';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { StandaloneModule } from '../standalone.module';

/** The HTTP side of every service on one port, without its loops: what has to hold for each route is tested over `routes`. */
export interface EveryRoute {
  readonly app: NestFastifyApplication;
  readonly port: number;
  /** Those of the route table, in its order; a path has a value for each of its parameters. */
  readonly routes: readonly SampleRoute[];
  readonly close: () => Promise<void>;
}

export interface SampleRoute extends Route {
  /** A path that leads to the route: `/v1/platforms/apibox/accounts/acct-1`. */
  readonly path: string;
}

const values: Readonly<Record<string, string>> = { platform: 'apibox', account: 'acct-1' };

const pathOf = (pattern: string): string =>
  pattern.replace(/:(\w+)/g, (_all, name: string) => values[name] ?? 'x').replace('*', 'x');

/** Opens every service on embedded engines in a folder of its own, listening on a port that the system chooses. */
export async function everyRoute(
  clock: Clock,
  environment: Readonly<Record<string, string>> = {},
): Promise<EveryRoute> {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-routes-'));
  const configuration = readConfiguration({ DATA_DIR: directory, ...environment });
  const [log, random] = [createLog('fatal'), new SystemRandom()];
  const engines = await openEngines(configuration, clock, log);
  const app = await createHttpApp(StandaloneModule.with({ configuration, engines, clock, random }), {
    configuration,
    log,
    clock,
    random,
    title: 'Meterbook',
    description: 'Every service.',
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const routes = app.get(RouteTable, { strict: false }).list();
  return {
    app,
    port,
    routes: routes.map((route) => ({ ...route, path: pathOf(route.pattern) })),
    close: async () => {
      await app.close();
      await engines.close();
      rmSync(directory, { recursive: true });
    },
  };
}
