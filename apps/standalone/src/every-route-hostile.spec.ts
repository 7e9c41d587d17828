import { RawSocket, requestHead, until } from '@meterbook/http/testing/raw-socket';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { everyRoute, type EveryRoute } from './testing/every-route';

let clock: ManualClock;
let service: EveryRoute;

beforeAll(async () => {
  clock = new ManualClock();
  service = await everyRoute(clock);
});
afterAll(() => service.close());

describe('every route', () => {
  it('is known to the table, those of each service among them', () => {
    expect(service.routes.map(({ method, pattern }) => `${method} ${pattern}`)).toEqual(
      expect.arrayContaining([
        'POST /v1/usage',
        'POST /v1/platforms/:platform/accounts/:account/recharges',
        'GET /v1/platforms/:platform/accounts/:account/tier',
        'GET /v1/platforms/:platform/finance/trial-balance',
        'GET /health/ready',
        'GET /docs',
      ]),
    );
  });

  it('gives up a connection whose body does not come, with an answer or after it', async () => {
    const sockets = service.routes.map(({ method, path }) =>
      new RawSocket(service.port).send(
        requestHead(method, path, { 'Content-Type': 'application/json', 'Content-Length': '1000' }),
      ),
    );
    await until(async () => {
      await clock.advance(1_000);
      return sockets.every(({ closed }) => closed);
    });
    for (const [at, socket] of sockets.entries())
      expect([service.routes[at], socket.status]).toEqual([service.routes[at], expect.any(Number)]);
  });
});
