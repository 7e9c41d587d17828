import { createInterface } from 'node:readline';
import type { WireState } from '@meterbook/event-store/esdb/testing/wire-faults';
import { WireLog } from '@meterbook/event-store/esdb/testing/wire-log';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import { keepLog } from './wire-journal';

/** What a spec may do to the store from outside, as a failing machine or a person would. */
export type WireCommand =
  | { readonly do: 'write-and-say-nothing'; readonly appends: number }
  | { readonly do: 'answer-as'; readonly state: WireState }
  | { readonly do: 'tombstone' | 'write-foreign'; readonly stream: string }
  | { readonly do: 'set-metadata'; readonly stream: string; readonly metadata: Readonly<Record<string, unknown>> }
  | { readonly do: 'set-type'; readonly stream: string; readonly revision: number; readonly type: string };

function obey(server: WireServer, command: WireCommand): void {
  const { log, faults } = server;
  switch (command.do) {
    case 'write-and-say-nothing':
      for (let n = 0; n < command.appends; n++) faults.appends.push({ kind: 'silent-written' });
      return;
    case 'answer-as':
      faults.state = command.state;
      return;
    case 'tombstone':
      log.tombstone(command.stream);
      return;
    case 'write-foreign':
      log.writeForeign(command.stream);
      return;
    case 'set-metadata':
      log.setMetadata(command.stream, command.metadata);
      return;
    case 'set-type': {
      const record = log.stream(command.stream)[command.revision];
      if (!record) throw new Error(`${command.stream} has no event ${command.revision}`);
      log.tamper(record, { type: command.type });
    }
  }
}

/**
 * The wire test server as a process of its own, which lives until it is killed and finds in its file what it had written. It says
 * its port, does what each line tells it, and says so.
 */
async function main(file: string, port: number): Promise<void> {
  const log = new WireLog();
  keepLog(log, file);
  const server = new WireServer(log);
  await server.start(port);
  console.log(server.port);
  for await (const line of createInterface(process.stdin)) {
    obey(server, JSON.parse(line) as WireCommand);
    console.log('done');
  }
}

const [, , file = '', port = '0'] = process.argv;
void main(file, Number(port));
