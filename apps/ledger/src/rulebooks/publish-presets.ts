import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { parse } from 'yaml';
import { RawBody } from '@meterbook/http/request/raw-body';
import type { Log } from '@meterbook/runtime/log';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { PublishRulebook } from './publish-rulebook';

/** `rulebooks/` of the project, seen from where this file is built to. */
const presetsFolder = join(__dirname, '../../../../../rulebooks');

/** Publishes each preset whose platform has no rulebook yet: at the first start all of them, later none. Once aborted it begins no other. */
export async function publishPresets(app: INestApplicationContext, log: Log, signal: AbortSignal): Promise<void> {
  const rulebooks = app.get(Rulebooks, { strict: false });
  const commands = app.get(CommandBus, { strict: false });
  const isOver = (): boolean => signal.aborted;
  for (const file of readdirSync(presetsFolder).sort()) {
    if (isOver()) return;
    const bytes = readFileSync(join(presetsFolder, file));
    const { platform } = parse(bytes.toString()) as { readonly platform: string };
    if ((await rulebooks.published(platform)).lastNumber > 0) continue;
    await commands.execute(new PublishRulebook(platform, new RawBody(bytes, true), { actor: 'presets' }));
    if (!isOver()) log.info({ platform, file }, 'Published a preset rulebook.');
  }
}
