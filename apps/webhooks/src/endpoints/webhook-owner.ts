/** Whose endpoints they are: an account's, or, where that is null, a platform's own. */
export interface WebhookOwner {
  readonly platform: string;
  readonly account: string | null;
}

/** An endpoint's name among all there are. Neither platforms nor accounts hold a slash. */
export function endpointKey({ platform, account }: WebhookOwner, webhookId: string): string {
  return `${platform}/${account ?? ''}/${webhookId}`;
}
