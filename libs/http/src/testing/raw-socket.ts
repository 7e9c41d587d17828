import { connect, type Socket } from 'node:net';

/** A connection on which a test sends what it likes, as slowly as it likes. */
export class RawSocket {
  private text = '';
  private readonly socket: Socket;
  private isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => (this.text += chunk.toString()));
    this.socket.on('close', () => (this.isClosed = true));
    // What the other side does to the connection is what is tested.
    this.socket.on('error', () => undefined);
  }

  /** Everything that came back so far. */
  get received(): string {
    return this.text;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** The status of the first answer; undefined while there is none. */
  get status(): number | undefined {
    const status = /^HTTP\/1\.1 (\d{3}) (?!Continue)/m.exec(this.text)?.[1];
    return status === undefined ? undefined : Number(status);
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** The head of a request, as it stands on the wire. */
export function requestHead(method: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Looks until a condition holds. It has no deadline of its own: the test has one. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
