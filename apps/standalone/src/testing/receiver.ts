import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A delivery as it arrived. */
export interface Received {
  readonly path: string;
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly string[];
  readonly text: string;
  readonly body: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

export type Answering = (response: ServerResponse, received: Received) => void;

const taken: Answering = (response) => response.writeHead(204).end();

/** A receiver of webhooks on this machine; it takes what it gets unless it is told otherwise. */
export class Receiver {
  readonly received: Received[] = [];
  answering: Answering = taken;
  private readonly server = createServer((request, response) => void this.take(request, response));

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  typesOf(path = '/hook'): string[] {
    return this.received.filter((each) => each.path === path).map(({ body }) => body.type);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
    const header = (name: string): string => String(request.headers[name]);
    const received: Received = {
      path: request.url ?? '',
      id: header('webhook-id'),
      timestamp: header('webhook-timestamp'),
      signatures: header('webhook-signature').split(' '),
      text,
      body: JSON.parse(text) as Received['body'],
    };
    this.received.push(received);
    this.answering(response, received);
  }
}

/** The signature that the text of Standard Webhooks asks for, made without anybody's library. */
export function signatureOf(
  secret: string,
  { id, timestamp, text }: Pick<Received, 'id' | 'timestamp' | 'text'>,
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')}`;
}
