import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import { Misused, type Surroundings } from '../../command';
import { exitCodes, type ExitCode } from '../../exit-code';
import { instantOf } from '../../quote/request-words';
import { RefusedByService, ServiceClient, type Answer, type ServiceOptions } from '../../service/service-client';
import { validRulebook } from '../file/rulebook-file';
import { sha256Of } from '../file/rulebook-sha256';

export interface PublishOptions extends ServiceOptions {
  readonly platform?: string;
  readonly effectiveFrom?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** What is sent, and where. */
interface Publication {
  readonly path: string;
  readonly platform: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly sha256: string;
}

const PUBLISHED = 201;
const PUBLISHED_BEFORE = 200;
const UNKNOWN = 404;

/** Publishes a rulebook's file, or finds out whether it could be. */
export async function publishFile(
  path: string,
  options: PublishOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const client = ServiceClient.of(options, surroundings);
  const publication = publicationOf(path, options);
  return options.dryRun
    ? tryOut(publication, client, options, surroundings)
    : publish(publication, client, options, surroundings);
}

/** The content of a file for a platform, from an instant on. It is sent as JSON: a service reads that sooner than YAML. */
function publicationOf(path: string, { platform: asked, effectiveFrom }: PublishOptions): Publication {
  const from = effectiveFrom === undefined ? {} : { effectiveFrom: formatInstant(instantOf(effectiveFrom)) };
  if (asked !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(asked))
    throw new Misused(`option '--platform': '${asked}' is no platform`);
  const { content: read, rulebook } = validRulebook(path);
  const platform = asked ?? rulebook.platform;
  const content = { ...(read as object), platform, ...from };
  return { path, platform, content, sha256: sha256Of(content) };
}

async function publish(
  { path, platform, content, sha256 }: Publication,
  client: ServiceClient,
  { json }: PublishOptions,
  { terminal }: Surroundings,
): Promise<ExitCode> {
  const answer = await client.ask('PUT', pathOf(platform), content);
  if (answer.status !== PUBLISHED && answer.status !== PUBLISHED_BEFORE) throw new RefusedByService(answer);
  const { version, effectiveFrom } = answer.body;
  const isNew = answer.status === PUBLISHED;
  const isSame = answer.body['sha256'] === sha256;
  if (json) terminal.json({ platform, ...answer.body, published: isNew });
  else {
    const told = `version ${String(version)} of ${platform}, SHA-256 ${String(answer.body['sha256'])}, in force from ${String(effectiveFrom)}`;
    terminal.line(isNew ? `Published: ${told}.` : `Published before: ${told}. Nothing has changed.`);
  }
  if (!isSame) terminal.note(`The service has read something else than ${path} says: its SHA-256 should be ${sha256}.`);
  return isSame ? exitCodes.well : exitCodes.notWell;
}

async function tryOut(
  { path, platform, content, sha256 }: Publication,
  client: ServiceClient,
  { json }: PublishOptions,
  { terminal }: Surroundings,
): Promise<ExitCode> {
  const checked = await client.ask('POST', `${pathOf(platform)}/validate`, content);
  const { valid, errors } = checked.body;
  if (typeof valid !== 'boolean') throw new RefusedByService(checked);
  const latest = await latestOf(platform, client);
  const isLatest = latest !== undefined && isThere(latest, content, sha256);
  const { version } = latest?.body ?? {};
  const latestVersion = typeof version === 'number' ? version : null;
  if (json) terminal.json({ platform, sha256, valid, errors, latestVersion, isLatest });
  else {
    if (!valid) for (const line of faultLines(errors)) terminal.line(line);
    const next =
      latest === undefined ? 'would be the first version' : `would be a version after ${String(latestVersion)}`;
    const outcome = isLatest ? `is version ${String(latestVersion)} already` : next;
    const told = valid ? outcome : 'could not be published';
    terminal.line(`${path} ${told}: ${platform}, SHA-256 ${sha256}. Nothing was published.`);
  }
  return valid ? exitCodes.well : exitCodes.notWell;
}

/** Whether the latest version has this content, from the instant that is asked for. */
function isThere({ body }: Answer, { effectiveFrom }: Publication['content'], sha256: string): boolean {
  if (body['sha256'] !== sha256) return false;
  return typeof effectiveFrom !== 'string' || instantMs(effectiveFrom) === instantMs(String(body['effectiveFrom']));
}

/** The latest version; undefined where the platform has none. */
async function latestOf(platform: string, client: ServiceClient): Promise<Answer | undefined> {
  const answer = await client.ask('GET', pathOf(platform));
  if (answer.status === UNKNOWN) return undefined;
  if (typeof answer.body['sha256'] !== 'string') throw new RefusedByService(answer);
  return answer;
}

function faultLines(errors: unknown): readonly string[] {
  return (Array.isArray(errors) ? (errors as readonly unknown[]) : []).map((fault) => {
    const { pointer, code, detail } = fault as Readonly<Record<string, unknown>>;
    return `${String(pointer)}: ${String(code)}: ${String(detail)}`;
  });
}

function pathOf(platform: string): string {
  return `/v1/platforms/${encodeURIComponent(platform)}/rulebook`;
}
