import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from '../support/client';
import { plainRulebook } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const platform = 'hooked';
const accounts = ['a0', 'a1', 'a2', 'a3'];
const kills = 8;
/** The longest a process lives before it is killed, and the latest that everything must have arrived after the last start. */
const longestLifeMs = 3_000;
const arrivedWithinMs = 120_000;
const testTimeoutMs = 400_000;

interface Received {
  readonly account: string;
  readonly id: string;
  readonly rechargeId: string;
  readonly isSigned: boolean;
}

describe('webhooks of a standalone that is killed at any moment', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-killed-webhooks-'));
  const secrets = new Map<string, Buffer>();
  const received: Received[] = [];
  const take = async (incoming: IncomingMessage): Promise<void> => {
    let text = '';
    for await (const chunk of incoming as AsyncIterable<Buffer>) text += chunk.toString();
    const header = (name: string): string => String(incoming.headers[`webhook-${name}`]);
    const { data } = JSON.parse(text) as { data: { account: string; rechargeId: string } };
    const signed = `${header('id')}.${header('timestamp')}.${text}`;
    const key = secrets.get(data.account) ?? Buffer.alloc(0);
    const isSigned = header('signature') === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    received.push({ account: data.account, id: header('id'), rechargeId: data.rechargeId, isSigned });
  };
  const receiver = createServer((incoming, outgoing) => void take(incoming).then(() => outgoing.writeHead(204).end()));
  let running: StandaloneProcess | undefined;

  beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
  afterAll(async () => {
    await running?.kill();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    rmSync(directory, { recursive: true });
  });

  const start = async (): Promise<StandaloneProcess> =>
    (running = await StandaloneProcess.start(
      directory,
      { PRESETS: 'leave', WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' },
      { quiet: true },
    ));
  /** Sends the same until it is answered with success; false where the process has died meanwhile. */
  const done = async (url: string, method: string, path: string, body: object): Promise<boolean | string> => {
    try {
      const answer = await request(url, method, `/v1/platforms/${platform}${path}`, body);
      const { secret = '' } = answer.body as { readonly secret?: string };
      return answer.status < 300 && secret;
    } catch {
      return false;
    }
  };

  it(
    'are told of every recharge, in the order of each account, signed',
    async () => {
      let { url } = await start();
      const tiers = [{ id: 'only', rank: 1, webhooks: true }];
      expect(await done(url, 'PUT', '/rulebook', { ...plainRulebook(platform), tiers })).toBe('');
      const { port } = receiver.address() as AddressInfo;
      for (const account of accounts) {
        await done(url, 'POST', '/accounts', { account });
        const hook = { webhookId: 'h', url: `http://127.0.0.1:${port}/`, events: ['wallet.recharged'] };
        const secret = await done(url, 'POST', `/accounts/${account}/webhooks`, hook);
        secrets.set(account, Buffer.from(String(secret).replace('whsec_', ''), 'base64'));
      }
      const booked = new Map<string, string[]>(accounts.map((account) => [account, []]));
      const pay = async (account: string): Promise<boolean> => {
        const ids = booked.get(account) ?? [];
        const rechargeId = `r${ids.length}`;
        const recharge = { rechargeId, provider: 'manual', amount: '1', currency: 'USD' };
        const isDone = (await done(url, 'POST', `/accounts/${account}/recharges`, recharge)) !== false;
        if (isDone) ids.push(rechargeId);
        return isDone;
      };
      const until = async (holds: () => boolean): Promise<void> => {
        for (let next = 0; !holds(); next++) {
          if (!(await pay(accounts[next % accounts.length] ?? '')) && !holds())
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      for (let kill = 0; kill < kills; kill++) {
        let isDead = false;
        const dying = new Promise((resolve) => setTimeout(resolve, ((kill * 7) % kills) * (longestLifeMs / kills)))
          .then(() => running?.kill())
          .then(() => (isDead = true));
        await until(() => isDead);
        await dying;
        ({ url } = await start());
      }
      // What was booked and not answered is sent again under its id: everything was answered then.
      for (const account of accounts) expect(await pay(account)).toBe(true);
      const total = [...booked.values()].reduce((sum, ids) => sum + ids.length, 0);
      const dealtWith = (account: string): string[] => [
        ...new Map(
          received.filter((each) => each.account === account).map(({ id, rechargeId }) => [id, rechargeId]),
        ).values(),
      ];
      const deadline = Date.now() + arrivedWithinMs;
      const isComplete = (): boolean =>
        accounts.every((account) => dealtWith(account).length >= (booked.get(account)?.length ?? 0));
      while (!isComplete() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(total).toBeGreaterThan(kills);
      for (const account of accounts) expect(dealtWith(account)).toEqual(booked.get(account));
      expect(received.filter(({ isSigned }) => !isSigned)).toEqual([]);
    },
    testTimeoutMs,
  );
});
