/** The parts of a compose file that are looked at. */
export interface Service {
  readonly image?: string;
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly args: Readonly<Record<string, string>>;
  };
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly env_file?: unknown;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { readonly type: string; readonly source?: string; readonly target: string })[];
  readonly networks?: readonly string[];
  readonly secrets?: readonly string[];
  readonly profiles?: readonly string[];
  readonly mem_limit?: string;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file?: string }>>;
}

const topKeys = new Set(['name', 'services', 'networks', 'volumes', 'secrets']);
const serviceKeys = new Set(
  'image build user init read_only tmpfs cap_drop security_opt restart command environment healthcheck depends_on ports volumes networks secrets stop_grace_period profiles mem_limit pids_limit cpus'.split(
    ' ',
  ),
);
const pinned = /^[a-z0-9./-]+:v?\d+\.\d+\.\d+[\w.-]*$/;

/** What is wrong with a compose file, whatever its services are: shape, references, and how much a container may do. */
export function composeFaults(compose: Compose): string[] {
  const faults = Object.keys(compose)
    .filter((key) => !topKeys.has(key) && !key.startsWith('x-'))
    .map((key) => `the key ${key} is not known`);
  for (const [name, service] of Object.entries(compose.services))
    faults.push(...serviceFaults(service, compose).map((fault) => `${name} ${fault}`));
  return [...faults, ...unusedIn(compose)];
}

function serviceFaults(service: Service, compose: Compose): string[] {
  const { image = '', user = 'root', cap_drop: dropped = [], security_opt: options = [] } = service;
  return [
    ...Object.keys(service)
      .filter((key) => !serviceKeys.has(key))
      .map((key) => `has the key ${key}, which is not known`),
    ...(pinned.test(image) ? [] : [`has no image that is pinned by a version: ${image}`]),
    ...(/^(?:0|root)(?::|$)/.test(user) ? ['runs as root'] : []),
    ...(dropped.includes('ALL') && options.includes('no-new-privileges:true') ? [] : ['may gain privileges']),
    ...(service.healthcheck?.test?.[0] === 'CMD' || service.build ? [] : ['has no health check']),
    ...Object.entries(service.depends_on ?? {}).flatMap(([other, { condition }]) => [
      ...(other in compose.services ? [] : [`depends on ${other}, which is not there`]),
      ...(condition === 'service_healthy' ? [] : [`does not wait until ${other} is healthy`]),
    ]),
    ...(service.ports ?? [])
      .filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))
      .map((port) => `publishes ${port} to others than this machine`),
    ...missing('network', service.networks, compose.networks),
    ...missing('volume', namedVolumes(service), compose.volumes),
    ...missing('secret', service.secrets, compose.secrets),
  ];
}

function missing(
  kind: string,
  used: readonly string[] = [],
  declared: Readonly<Record<string, unknown>> = {},
): string[] {
  return used.filter((name) => !(name in declared)).map((name) => `uses the ${kind} ${name}, which is not declared`);
}

/** Volumes with a name; a path is a file of the repository, and a mount without a source is a volume of the container's own. */
export function namedVolumes({ volumes = [] }: Service): string[] {
  const sources = volumes.map((volume) => (typeof volume === 'string' ? volume.split(':')[0] : volume.source));
  return sources.filter((source) => source !== undefined && !/^[./]/.test(source)) as string[];
}

/** Files of the repository that containers see, relative to the compose file. */
export function mountedFiles({ services }: Compose): string[] {
  const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes);
  return mounts.flatMap((mount) =>
    typeof mount === 'string' && mount.startsWith('./') ? [mount.split(':')[0] ?? ''] : [],
  );
}

function unusedIn({ services, networks = {}, volumes = {}, secrets = {} }: Compose): string[] {
  const all = Object.values(services);
  const unused = (kind: string, declared: object, used: readonly string[]): string[] =>
    Object.keys(declared)
      .filter((name) => !used.includes(name))
      .map((name) => `the ${kind} ${name} is not used`);
  return [
    ...unused(
      'network',
      networks,
      all.flatMap((service) => service.networks ?? []),
    ),
    ...unused('volume', volumes, all.flatMap(namedVolumes)),
    ...unused(
      'secret',
      secrets,
      all.flatMap((service) => service.secrets ?? []),
    ),
  ];
}

/** The instructions of a Dockerfile, with lines that go on joined and comments left out. */
export function instructionsOf(dockerfile: string): { readonly instruction: string; readonly text: string }[] {
  const lines = dockerfile.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ instruction: /^\w+/.exec(line)?.[0] ?? line, text: line.replace(/^\w+\s+/, '') }));
}
