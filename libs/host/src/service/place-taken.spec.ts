import { createServer, type AddressInfo } from 'node:net';
import { isUnfitToStart, startFailureText } from '@meterbook/runtime/unfit-to-start';
import { PlaceTaken } from './place-taken';

const failureOf = (port: number, host: string): Promise<unknown> =>
  new Promise((resolve) => createServer().once('error', resolve).listen(port, host));

describe('a place where nobody can listen', () => {
  it('is told in a sentence with the remedy: a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const taken = PlaceTaken.of(await failureOf(port, '127.0.0.1'));
    expect(isUnfitToStart(taken) && startFailureText(taken)).toBe(
      `Cannot listen at 127.0.0.1:${port}: another process listens there already.\nStop whoever listens there, or set HOST and PORT to another place.`,
    );
    server.close();
  });

  it('is told in a sentence with the remedy: an address of another machine', async () => {
    expect(PlaceTaken.of(await failureOf(0, '192.0.2.1'))?.message).toBe(
      'Cannot listen at 192.0.2.1: this machine has no such address.',
    );
  });

  it('is no other failure', () => {
    const elsewhere = { code: 'EACCES', syscall: 'open', path: '/books' };
    expect(PlaceTaken.of(Object.assign(new Error('no'), elsewhere))).toBeUndefined();
    expect(PlaceTaken.of(new Error('no'))).toBeUndefined();
  });
});
