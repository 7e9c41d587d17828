/** What the operations of each tag are about. A tag without a sentence fails the test of the document. */
export const tagSentences = {
  usage: 'What other services report: usage events, one or a batch.',
  accounts: 'Accounts, their settings, and the money that comes into their wallets.',
  payments: 'What becomes of a recharge after it came in, refund or dispute, and what will never be paid.',
  subscriptions: 'Plans and their pools: started, renewed, switched and cancelled.',
  charges: 'What usage was charged, why so much, and how a charge is undone.',
  access: 'What a gateway asks before it serves: may it, how urgently, and is the money set aside.',
  keys: 'The API keys of an account.',
  rulebooks: 'The platforms and their rules, and what a request costs by them.',
  webhooks: 'Addresses that are told of what happens, and what was delivered to them.',
  'dead letters': 'Usage that could not be charged, until it can be.',
  tiers: 'The tier of an account and what leads to the next one.',
  finance: 'Reports over the books, the projections behind them, and the proof that both are right.',
  operations: 'Whether a process is well, what it measures, and what describes its interfaces.',
} as const satisfies Readonly<Record<string, string>>;

/** The tags that a document uses, with their sentences. */
export function describedTags(
  used: ReadonlySet<string>,
): readonly { readonly name: string; readonly description: string }[] {
  return Object.entries(tagSentences)
    .filter(([name]) => used.has(name))
    .map(([name, description]) => ({ name, description }));
}
