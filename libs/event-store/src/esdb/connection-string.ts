/** Options of a connection string that the client understands, without case, `-` and `_`. */
const knownOptions: ReadonlySet<string> = new Set([
  'usercertfile',
  'userkeyfile',
  'maxdiscoverattempts',
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'nodepreference',
  'tls',
  'tlscafile',
  'keepaliveinterval',
  'keepalivetimeout',
]);

/**
 * Refuses an `esdb://` or `esdb+discover://` string that the client would read otherwise than it looks. The client prints
 * what it does not understand, password and all: so the refusal names the option and nothing else.
 */
export function checkedConnectionString(text: string): string {
  const trimmed = text.trim();
  if (!/^esdb(\+discover)?:\/\/[^/?]/.test(trimmed))
    throw refusal('begin with esdb:// or esdb+discover:// and name a host');
  const optionsAt = trimmed.indexOf('?');
  if (optionsAt < 0) return trimmed;
  for (const option of trimmed.slice(optionsAt + 1).split('&')) {
    const [key = '', value = ''] = option.split('=');
    const name = key.trim().toLowerCase().replace(/[_-]/g, '');
    if (!knownOptions.has(name)) throw refusal(`only have options that take effect; there is no "${key}"`);
    if (value === '') throw refusal(`give "${key}" a value`);
    if (name === 'nodepreference' && value.toLowerCase() !== 'leader')
      throw refusal('prefer the leader: only it knows the head of a stream');
  }
  return trimmed;
}

function refusal(must: string): Error {
  return new Error(`the connection string of the event store must ${must}`);
}
