import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AppName } from './app-process';

/** Which service answers for a path, as the table of routes has it. */
export function serviceOf(path: string): AppName {
  const [pathname = ''] = path.split('?');
  if (pathname === '/v1/usage') return 'usage-ingest';
  if (/^\/v1\/platforms\/[^/]+\/accounts\/[^/]+\/tier$/.test(pathname)) return 'tier-projection';
  if (/^\/v1\/platforms\/[^/]+\/(finance\/|accounts\/[^/]+\/statement$)/.test(pathname)) return 'finance';
  if (/^\/v1\/platforms\/[^/]+\/(accounts\/[^/]+\/)?webhooks(\/|$)/.test(pathname)) return 'webhooks';
  if (/^\/v1\/(projections|verify)(\/|$)/.test(pathname)) return 'finance';
  return 'ledger';
}

/** One address for all services: passes each request on to the one that answers for its path. */
export class PathProxy {
  private readonly server: Server;

  /** @param urlOf asked anew for every request, since a process that was replaced has another address */
  constructor(private readonly urlOf: (app: AppName) => string) {
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = new URL(incoming.url ?? '/', this.urlOf(serviceOf(incoming.url ?? '/')));
    const { method, headers } = incoming;
    const passed = request(target, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // Whoever asked sees a broken connection, as without a proxy.
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  }
}
