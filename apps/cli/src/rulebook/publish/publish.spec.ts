import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { everyRoute, type EveryRoute } from '@meterbook/standalone/testing/every-route';
import { scratchFolder } from '../../testing/scratch-folder';
import { told } from '../../testing/told';
import { formatNames } from '../import/formats';
import { longLists } from '../import/testing/long-lists';

const rulebook = (platform: string, input = '2') => ({
  platform,
  currency: 'USD',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default' }],
  models: [{ id: 'gpt-x', group: 'default', price: { mode: 'token', per: 1000000, input, output: '8' } }],
});
const TOKEN = 'operator-token-of-this-spec-0123456789abcdef';

describe('rulebook publish', () => {
  const { file, path } = scratchFolder();
  let service: EveryRoute;
  let url: string;
  beforeAll(async () => {
    const sha256 = hash('sha256', TOKEN, 'hex');
    const tokens = [{ name: 'operator', sha256, scopes: ['rulebook:write', 'ledger:read'] }];
    service = await everyRoute(new SystemClock(), { METERBOOK_TOKENS: file('tokens.json', tokens) });
    url = `http://127.0.0.1:${service.port}`;
  });
  afterAll(() => service.close());

  const publish = (content: unknown, ...options: string[]) =>
    told(['rulebook', 'publish', file('rulebook.json', content), '--url', url, ...options], { METERBOOK_TOKEN: TOKEN });

  it('shows version and hash, and again is harmless', async () => {
    const first = await publish(rulebook('first'));
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^Published: version 1 of first, SHA-256 ([0-9a-f]{64}), in force from 20.*Z\.\n$/);
    const again = await publish(rulebook('first'));
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/^Published before: version 1 of first, SHA-256 .*\. Nothing has changed\.\n$/);
    const hash = /SHA-256 ([0-9a-f]{64})/.exec(first.out)?.[1];
    expect((await told(['rulebook', 'validate', path('rulebook.json')])).out).toContain(`SHA-256 ${hash}.`);
    const second = await publish(rulebook('first', '3'), '--json');
    expect(JSON.parse(second.out)).toMatchObject({ platform: 'first', version: 2, published: true });
  });

  it('publishes for another platform, and from an instant on', async () => {
    const options = ['--platform', 'renamed', '--effective-from', '2999-01-01T00:00:00Z'];
    const { code, out } = await publish(rulebook('any'), ...options, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      platform: 'renamed',
      version: 1,
      effectiveFrom: '2999-01-01T00:00:00.000Z',
    });
    expect((await publish(rulebook('any'), ...options)).out).toMatch(/^Published before/);
  });

  it('publishes nothing in a dry run, and tells what would become of it', async () => {
    const dry = (content: unknown) => publish(content, '--dry-run');
    expect((await dry(rulebook('dry'))).out).toMatch(
      /would be the first version: dry, SHA-256 [0-9a-f]{64}\. Nothing was published\.\n$/,
    );
    await publish(rulebook('dry'));
    expect((await dry(rulebook('dry'))).out).toMatch(/is version 1 already: dry/);
    expect((await dry(rulebook('dry', '3'))).out).toMatch(/would be a version after 1: dry/);
    const refused = await dry({ ...rulebook('dry'), currency: 'CNY' });
    expect(refused.code).toBe(3);
    expect(refused.out).toMatch(
      /^\/currency: invalid_value: it was USD and never changes.*\n.* could not be published: dry/,
    );
    expect((await publish(rulebook('dry'))).out).toMatch(/^Published before: version 1/);
  });

  it.each([
    [
      'by the service',
      () => publish({ ...rulebook('first'), currency: 'CNY' }),
      /^The service refuses \(422 invalid_rulebook\): \/currency: it was USD/,
    ],
    [
      'before it is sent',
      () => publish({ ...rulebook('first'), tiers: [] }),
      /is no valid rulebook: line 1, \/tiers: /,
    ],
    [
      'without a token',
      () => told(['rulebook', 'publish', path('rulebook.json'), '--url', url]),
      /^The service refuses \(401 unauthenticated\).*\nName a token with --token/,
    ],
    ['with another one', () => publish(rulebook('first'), '--token', 'nobody'), /\(401 unauthenticated\)/],
    [
      'where nobody listens',
      () => publish(rulebook('first'), '--url', 'http://127.0.0.1:1'),
      /^http:\/\/127\.0\.0\.1:1 does not answer: .*\nLook at --url/,
    ],
  ])('is refused in a sentence %s', async (_where, act, sentence) => {
    file('rulebook.json', rulebook('first'));
    const { code, out, err } = await act();
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/\n\s+at /);
    expect(err).not.toContain(TOKEN);
  });

  it.each([
    [['--url', 'meterbook'], /'--url': 'meterbook' is no address/],
    [['--url', 'ftp://host'], /is no address/],
    [['--url', 'http://me:secret@host'], /a token belongs in --token or METERBOOK_TOKEN/],
    [['--token', 'two words'], /'--token': it has characters that no token has/],
    [['--platform', 'My Shop'], /'--platform': 'My Shop' is no platform/],
    [['--effective-from', 'soon'], /'soon' is no RFC 3339 instant/],
  ])('makes no sense with %j', async (options, sentence) => {
    const { code, out, err } = await publish(rulebook('first'), ...options);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
    expect(err).not.toContain('secret');
  });

  it('comes again where a service is busy, and says what answers as no service does', async () => {
    const answers: [number, string][] = [
      [503, '{"code": "too_busy", "detail": "later"}'],
      [201, '{"version": 7, "sha256": "another", "effectiveFrom": "now"}'],
      [200, '<html>hello</html>'],
    ];
    const server = createServer((_request, response) => {
      const [status, body] = answers.shift() ?? [500, ''];
      response.writeHead(status, { 'retry-after': '0' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const there = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const odd = await publish(rulebook('first'), '--url', there);
    expect(odd).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^The service has read something else than .* says/) as unknown,
    });
    expect(odd.out).toMatch(/^Published: version 7 of first/);
    const stranger = await publish(rulebook('first'), '--url', there);
    expect(stranger.err).toMatch(/answers 200, and not as Meterbook does: <html>hello<\/html>\nLook at --url/);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(formatNames)('publishes an imported list of 3,000 models of %s, and quotes by it', async (from) => {
    const [list, output] = [file('list.json', longLists[from](3000)), path('imported.yaml')];
    const platform = `list-${from.replace('.', '-')}`;
    const words = ['--from', from, '--platform', platform, '--currency', 'USD', '-o', output, '--force'];
    expect((await told(['rulebook', 'import', list, ...words])).code).toBe(0);
    expect((await told(['rulebook', 'validate', output])).code).toBe(0);
    const published = await told(['rulebook', 'publish', output, '--url', url, '--token', TOKEN]);
    expect(published).toMatchObject({ code: 0, err: '' });
    const quote = ['quote', 'model-2999', 'inputTokens=1000', 'outputTokens=100', '--json'];
    const byService = await told([...quote, '--url', url, '--platform', platform, '--token', TOKEN]);
    const byFile = await told([...quote, '--rulebook', output]);
    // 1,000 × 1.25 + 100 × 10.
    expect(JSON.parse(byService.out)).toMatchObject({ amount: '0.00225', rulebookVersion: 1 });
    expect(JSON.parse(byService.out)).toMatchObject(JSON.parse(byFile.out) as object);
  });

  it('quotes for an account, and is refused as the service says', async () => {
    await publish(rulebook('first'));
    const quote = (...words: string[]) => told(['quote', ...words, '--url', url, '--token', TOKEN]);
    expect((await quote('gpt-x', 'inputTokens=1000', '--platform', 'first', '--account', 'nobody')).err).toMatch(
      /^The service refuses \(404 unknown_account\): /,
    );
    expect((await quote('gpt-x')).err).toMatch(/--url needs --platform/);
  });
});
