import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import { RawSocket, requestHead, until } from '@meterbook/http/testing/raw-socket';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { everyRoute, type EveryRoute, type SampleRoute } from './testing/every-route';

/** A body with which a command gets as far as the store; every other route is sent an empty one. */
const bodies: Readonly<Record<string, object>> = {
  recharges: { rechargeId: 'r', provider: 'manual', amount: '1', currency: 'CNY' },
  grants: { grantId: 'g', amount: '1', reason: 'because' },
  reversals: { reversalId: 'v', source: 's', id: 'i', reason: 'because' },
  keys: { keyId: 'k', name: 'key' },
  settings: { payAsYouGo: true },
  accounts: { account: 'acct-1' },
  x: {},
};

/** True for a command on an account: the last part of its path says which. */
const isCommand = ({ method, pattern }: SampleRoute): boolean =>
  method !== 'GET' && method !== 'HEAD' && /accounts(\/|$)/.test(pattern);

function send(service: EveryRoute, { method, path, pattern }: SampleRoute): RawSocket {
  const last = pattern.split('/').at(-1) ?? '';
  const body = method === 'GET' || method === 'HEAD' ? '' : JSON.stringify(bodies[last] ?? bodies['x']);
  const headers: Record<string, string> = body === '' ? {} : { 'Content-Type': 'application/json' };
  const head = { ...headers, 'Content-Length': String(body.length), Connection: 'close' };
  return new RawSocket(service.port).send(requestHead(method, path, head) + body);
}

describe('every route, on a store that takes calls and says nothing', () => {
  let server: WireServer;
  let clock: ManualClock;
  let service: EveryRoute;

  beforeAll(async () => {
    server = new WireServer();
    await server.start();
    clock = new ManualClock();
    service = await everyRoute(clock, { EVENTSTORE_URL: server.connectionString });
    server.faults.state = 'silent';
  });
  afterAll(async () => {
    await service.close();
    server.stop();
  });

  it('answers in time, and says of a command that nobody knows what became of it', async () => {
    const asked = service.routes.map((route) => [route, send(service, route)] as const);
    await until(async () => {
      await clock.advance(1_000);
      return asked.every(([, { closed }]) => closed);
    });
    for (const [{ method, pattern }, { status }] of asked)
      expect([method, pattern, status]).toEqual([method, pattern, expect.any(Number)]);
    const commands = asked.filter(([route]) => isCommand(route));
    expect(commands.length).toBeGreaterThan(7);
    for (const [{ method, pattern }, { status, received }] of commands)
      expect([method, pattern, status, /"code":"(\w+)"/.exec(received)?.[1]]).toEqual([
        method,
        pattern,
        503,
        expect.stringMatching(/^(outcome_unknown|unavailable)$/),
      ]);
  });
});
