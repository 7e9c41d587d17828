import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkedConnectionString } from '@meterbook/event-store/esdb/connection-string';
import { AccessTokens } from '@meterbook/http/auth/access-tokens';
import type { Principal } from '@meterbook/http/auth/principal';
import { readConfiguration, settings } from '@meterbook/runtime/configuration';
import {
  composeFaults,
  instructionsOf,
  mountedFiles,
  namedVolumes,
  type Compose,
  type Service,
} from './docker-compose';
import { deadLinks, npmScripts } from './markdown';
import { root } from './planted-tree';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
interface Packaged {
  readonly version: string;
  readonly engines: { readonly node: string };
}
/** What is installed on every Node; a folder of packages holds only those that fit the one that is running. */
interface Locked {
  readonly packages: Readonly<Record<string, unknown>>;
}
const { version } = JSON.parse(read('package.json')) as Packaged;

const compose = parse(read('docker/compose.yaml'), { merge: true }) as Compose;
const built = Object.entries(compose.services).filter(([, { build }]) => build);
/** The services; beside them there is the one process that holds all of them. */
const apps = readdirSync(join(root, 'apps')).filter((app) =>
  existsSync(join(root, `apps/${app}/src/${app}-service.ts`)),
);
const images = [...apps, 'standalone'];
const environmentOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));

/** Variables that no setting reads. */
const unknownVariables = (service: Service): string[] =>
  Object.keys(environmentOf(service)).filter((name) => !(name in settings));

/** Whether somebody listens at `host:port` inside of the networks of the file. */
function isListening(address: string, { services }: Compose): boolean {
  const [host = '', port = ''] = address.split(':');
  const { command = [], environment = {} } = services[host] ?? {};
  return (
    command.includes(`--node-port=${port}`) ||
    String(environment['KAFKA_ADVERTISED_LISTENERS']).split(',').includes(`PLAINTEXT://${host}:${port}`)
  );
}

describe('docker/compose.yaml', () => {
  it('is well-formed, pins every image, and lets no container do more than it has to', () => {
    expect(composeFaults(compose)).toEqual([]);
  });

  it('runs each service of this project, from its own source and version', () => {
    expect(built.map(([name]) => name).sort()).toEqual([...images].sort());
    for (const [name, { image, build }] of built) {
      expect(build).toEqual({ context: '..', dockerfile: 'docker/Dockerfile', args: { APP: name } });
      expect(image).toBe(`meterbook/${name}:${version}`);
      expect(existsSync(join(root, `apps/${name}/src/main.ts`))).toBe(true);
    }
  });

  it.each(built)('gives %s only variables that it reads, with values that it takes', (_, service) => {
    expect(unknownVariables(service)).toEqual([]);
    const configuration = readConfiguration(environmentOf(service));
    expect(configuration.KAFKA_BROKERS.filter((broker) => !isListening(broker, compose))).toEqual([]);
    if (configuration.EVENTSTORE_URL !== null) checkedConnectionString(configuration.EVENTSTORE_URL);
    const store = /^esdb:\/\/([^/?]+)/.exec(configuration.EVENTSTORE_URL ?? '')?.[1];
    if (store !== undefined) expect(isListening(store, compose)).toBe(true);
  });

  it.each(built)(
    'lets %s be reached with tokens only, on the port it listens on, and writes to its volume alone',
    (name, service) => {
      const { HOST, PORT, METERBOOK_TOKENS, DATA_DIR } = readConfiguration(environmentOf(service));
      expect(HOST).toBe('0.0.0.0');
      expect(service.secrets?.map((name) => `/run/secrets/${name}`)).toContain(METERBOOK_TOKENS);
      expect(service.ports?.map((port) => Number(port.split(':')[2]))).toEqual([PORT]);
      expect(service.read_only).toBe(true);
      // Without a source each replica has its own: two of them would write to the same files. Files that cannot be made again have a name.
      const named = ['standalone', 'webhooks'].includes(name) ? { source: `${name}-data` } : {};
      expect(service.volumes).toEqual([{ type: 'volume', ...named, target: DATA_DIR }]);
      expect(service.mem_limit).toMatch(/^\d+g$/);
    },
  );

  it('gives every service the engines that it opens, and waits for them', () => {
    for (const [name, service] of built.filter(([one]) => apps.includes(one))) {
      const source = read(`apps/${name}/src/${name}-service.ts`);
      const environment = environmentOf(service);
      expect([name, 'KAFKA_BROKERS' in environment]).toEqual([name, source.includes('host.topics()')]);
      expect([name, 'EVENTSTORE_URL' in environment]).toEqual([name, source.includes('host.store()')]);
      const engines = [
        ...('KAFKA_BROKERS' in environment ? ['kafka'] : []),
        ...('EVENTSTORE_URL' in environment ? ['eventstore'] : []),
      ];
      expect([name, Object.keys(service.depends_on ?? {})]).toEqual([name, engines]);
    }
  });

  it('starts the one process on files only where it is asked for by name', () => {
    const { standalone } = compose.services;
    expect(standalone?.profiles).toEqual(['standalone']);
    expect(standalone?.depends_on).toBeUndefined();
    const { KAFKA_BROKERS, EVENTSTORE_URL } = readConfiguration(environmentOf(standalone ?? {}));
    expect([KAFKA_BROKERS, EVENTSTORE_URL]).toEqual([[], null]);
  });

  it('can run on KurrentDB in the place of EventStoreDB, with files of its own', () => {
    const other = parse(read('docker/compose.kurrentdb.yaml')) as Compose;
    expect(Object.keys(other.services)).toEqual(['eventstore']);
    const both = { ...compose.services['eventstore'], ...other.services['eventstore'] };
    const volumes = { ...compose.volumes, ...other.volumes };
    expect(
      composeFaults({
        services: { ...compose.services, eventstore: both },
        networks: compose.networks ?? {},
        volumes,
        secrets: compose.secrets ?? {},
      }),
    ).toEqual(['the volume eventstore-data is not used', 'the volume eventstore-log is not used']);
    expect(both.image).toMatch(/^kurrentplatform\/kurrentdb:\d/);
  });

  it('asks for no more replicas of a record than there are brokers', () => {
    const brokers = Object.values(compose.services).filter((service) =>
      String(service.environment?.['KAFKA_PROCESS_ROLES']).includes('broker'),
    ).length;
    expect(brokers).toBeGreaterThan(0);
    const asked = built
      .filter(([, service]) => 'KAFKA_BROKERS' in environmentOf(service))
      .map(([, service]) => readConfiguration(environmentOf(service)).KAFKA_REPLICATION_FACTOR);
    expect(asked.filter((replicas) => replicas > brokers)).toEqual([]);
  });

  it('lets no variable into the event store, which would exit, and no flag that loses events', () => {
    const { eventstore } = compose.services;
    expect(eventstore?.environment ?? eventstore?.env_file).toBeUndefined();
    expect(eventstore?.command?.filter((flag) => /^--(?:mem-db|unsafe|dev\b|skip-db-verify)/.test(flag))).toEqual([]);
  });

  it('keeps engines without passwords in a network of their own', () => {
    expect(compose.networks?.['engines']).toEqual({ internal: true });
    for (const name of ['kafka', 'eventstore']) {
      expect(compose.services[name]?.networks).toEqual(['engines']);
      expect(compose.services[name]?.ports).toBeUndefined();
      expect(namedVolumes(compose.services[name] ?? {}).length).toBeGreaterThan(0);
    }
  });

  it('mounts files that are there, and secrets that are not in the repository', () => {
    expect(mountedFiles(compose).filter((path) => !existsSync(join(root, 'docker', path)))).toEqual([]);
    const files = Object.values(compose.secrets ?? {}).map(({ file }) => file ?? '');
    expect(files.filter((file) => !file.startsWith('./secrets/'))).toEqual([]);
    expect(read('docker/.gitignore').split('\n')).toContain('secrets/');
    expect(files.filter((file) => !read('docker/README.md').includes(file.replace('./', 'docker/')))).toEqual([]);
  });

  it('is scraped at the ports that it has', () => {
    const port = readConfiguration({}).PORT;
    const config = parse(read('docker/prometheus/prometheus.yml'), { merge: true }) as {
      scrape_configs: readonly { dns_sd_configs: readonly { names: readonly string[]; port: number }[] }[];
    };
    for (const { dns_sd_configs: found } of config.scrape_configs) {
      expect(found.map((one) => [[...one.names].sort(), one.port])).toEqual([[[...images].sort(), port]]);
    }
    expect(new Set(built.map(([, service]) => environmentOf(service)['PORT']))).toEqual(new Set([String(port)]));
  });
});

describe('what is said of a compose file', () => {
  const sound: Service = {
    image: 'example/thing:1.2.3',
    user: '1000',
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    healthcheck: { test: ['CMD', 'true'] },
  };
  const faultsOf = (service: object): string[] => composeFaults({ services: { a: { ...sound, ...service } } });

  it.each([
    [{}, []],
    [{ image: 'example/thing:latest' }, ['a has no image that is pinned by a version: example/thing:latest']],
    [{ image: 'example/thing' }, ['a has no image that is pinned by a version: example/thing']],
    [{ image: 'example/thing:1.2' }, ['a has no image that is pinned by a version: example/thing:1.2']],
    [{ user: 'root' }, ['a runs as root']],
    [{ user: '0:0' }, ['a runs as root']],
    [{ user: undefined }, ['a runs as root']],
    [{ cap_drop: [] }, ['a may gain privileges']],
    [{ security_opt: [] }, ['a may gain privileges']],
    [{ healthcheck: {} }, ['a has no health check']],
    [{ privileged: true }, ['a has the key privileged, which is not known']],
    [{ ports: ['3000:3000'] }, ['a publishes 3000:3000 to others than this machine']],
    [
      { depends_on: { b: { condition: 'service_started' } } },
      ['a depends on b, which is not there', 'a does not wait until b is healthy'],
    ],
    [{ networks: ['n'] }, ['a uses the network n, which is not declared']],
    [{ volumes: ['v:/data', './file:/file:ro'] }, ['a uses the volume v, which is not declared']],
    [{ secrets: ['s'] }, ['a uses the secret s, which is not declared']],
  ])('of %j: %j', (service, faults) => {
    expect(faultsOf(service)).toEqual(faults);
  });

  it('finds what is declared and not used, and variables that nobody reads', () => {
    const unused = { services: { a: sound }, networks: { n: {} }, volumes: { v: {} }, secrets: { s: {} }, configs: {} };
    expect(composeFaults(unused)).toEqual([
      'the key configs is not known',
      'the network n is not used',
      'the volume v is not used',
      'the secret s is not used',
    ]);
    expect(unknownVariables({ environment: { PORT: 1, KAFKA_BROKER: 'kafka:9092' } })).toEqual(['KAFKA_BROKER']);
    expect(isListening('kafka:9093', compose)).toBe(false);
    expect(isListening('eventstore:1113', compose)).toBe(false);
  });
});

describe('docker/Dockerfile', () => {
  const instructions = instructionsOf(read('docker/Dockerfile'));
  const texts = (name: string): string[] =>
    instructions.filter(({ instruction }) => instruction === name).map(({ text }) => text);
  const stages = new Set(texts('FROM').map((text) => text.split(' AS ')[1] ?? ''));

  it('stands on one pinned image of a Node that the project takes', () => {
    const images = texts('FROM').map((text) => text.split(' ')[0] ?? '');
    expect(images.filter((image) => !stages.has(image))).toEqual([
      expect.stringMatching(/^node:24\.\d+\.\d+-\w+-slim$/),
    ]);
  });

  it('installs what the lock file says, and into the image only what runs', () => {
    expect(texts('RUN').filter((text) => text.startsWith('npm'))).toEqual([
      'npm ci --ignore-scripts',
      'npm run build',
      'npm ci --omit=dev --ignore-scripts',
    ]);
    // Nothing that runs needs an install script on this Node, so none has to be trusted.
    const { packages } = JSON.parse(read('package-lock.json')) as Locked;
    expect(packages['node_modules/better-sqlite3-for-node-22']).toMatchObject({ engines: { node: '>=22' } });
    expect(packages['node_modules/better-sqlite3-for-node-22']).not.toHaveProperty('hasInstallScript');
    const runtime = instructions.slice(instructions.findIndex(({ text }) => text.endsWith(' AS runtime')));
    expect(runtime.filter(({ text }) => text.includes('node_modules')).map(({ text }) => text)).toEqual([
      '--from=dependencies /app/node_modules ./node_modules',
    ]);
  });

  it('tells under which license it comes', () => {
    expect(texts('COPY').join(' ')).toMatch(/ LICENSE NOTICE \.\//);
    expect(read('LICENSE')).toContain('Apache License');
    expect(read('NOTICE')).toMatch(/^Meterbook\n/);
  });

  it('runs the Node that .nvmrc names, one that package.json takes', () => {
    const major = read('.nvmrc').trim();
    expect(texts('FROM')[0]).toMatch(new RegExp(`^node:${major}\\.`));
    const { engines } = JSON.parse(read('package.json')) as Packaged;
    expect(engines.node).toContain(`^${major}.`);
  });

  it('does not run as root, can be stopped, and keeps its data in a volume', () => {
    expect(texts('USER')).toEqual(['1000:1000']);
    expect(texts('STOPSIGNAL')).toEqual(['SIGTERM']);
    const [environment = ''] = texts('ENV');
    expect(texts('VOLUME')).toEqual([/DATA_DIR=(\S+)/.exec(environment)?.[1]]);
    expect(texts('EXPOSE')).toEqual([String(readConfiguration({}).PORT)]);
    const names = [...environment.matchAll(/(\w+)=/g)].map(([, name = '']) => name);
    expect(names.filter((name) => name !== 'NODE_ENV' && !(name in settings))).toEqual([]);
    // Without a shell between, which would keep signals to itself.
    expect(JSON.parse(texts('CMD')[0] ?? '')).toEqual(['node', 'main.js']);
  });

  it('gets every file that it copies, and nothing else, past .dockerignore', () => {
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const let_in = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = texts('COPY')
      .filter((text) => !text.startsWith('--from='))
      .flatMap((text) => text.split(' ').slice(0, -1))
      .filter((path) => path !== '.');
    const compiled = ['nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'apps', 'libs'];
    expect([...let_in].sort()).toEqual([...new Set([...copied, ...compiled])].sort());
    expect(let_in.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each([
    ['passes when the process answers', 200, 0],
    ['fails when it answers something else', 503, 1],
    ['fails when nobody answers', null, 1],
  ])('has a health check that %s', async (_, status, expected) => {
    const [program = '', ...args] = JSON.parse(
      /CMD (\[.*\])$/.exec(texts('HEALTHCHECK')[0] ?? '')?.[1] ?? '[]',
    ) as string[];
    expect(program).toBe('node');
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/health/live' ? (status ?? 200) : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
    if (status === null) await close();
    const code = await new Promise<unknown>((resolve) => {
      execFile(process.execPath, args, { env: { PORT: String(port) } }, (error) => resolve(error ? error.code : 0));
    });
    if (status !== null) await close();
    expect(code).toBe(expected);
  });
});

describe('docker/README.md', () => {
  const readme = read('docker/README.md');
  const commands = /```sh\n([\s\S]*?)```/.exec(readme)?.[1]?.split('\n') ?? [];

  it('makes a file of tokens that the services take', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meterbook-docker-'));
    try {
      mkdirSync(join(folder, 'docker'));
      const untilStart = commands.slice(
        0,
        commands.findIndex((line) => line.startsWith('docker ')),
      );
      expect(untilStart.length).toBeGreaterThan(3);
      const script = [...untilStart, 'printf %s "$TOKEN"'].join('\n');
      const token = execFileSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, encoding: 'utf8' });
      const tokens = AccessTokens.read(join(folder, 'docker/secrets/tokens.json'));
      const ownerOf = (shown: string): Principal | undefined =>
        tokens.principalOf(createHash('sha256').update(shown).digest());
      expect(ownerOf(token)?.may('admin')).toBe(true);
      expect(ownerOf(`${token}x`)).toBeUndefined();
      expect(readFileSync(join(folder, 'docker/secrets/grafana-password'), 'utf8').trim()).toHaveLength(32);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names ports that are published, all of them, and files, links and scripts that are there', () => {
    const published = Object.values(compose.services).flatMap(({ ports = [] }) =>
      ports.map((port) => port.split(':')[1]),
    );
    const named = new Set([...readme.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port));
    expect([...named].sort()).toEqual([...published].sort());
    expect(deadLinks('docker/README.md', readme, (path) => existsSync(join(root, path)))).toEqual([]);
    const files = [...readme.matchAll(/`((?:docker(?!\/secrets)|test)\/[\w./-]+\.\w+)`/g)].map(([, path = '']) => path);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
    expect(npmScripts(readme).filter((script) => !(script in scripts))).toEqual([]);
  });
});
