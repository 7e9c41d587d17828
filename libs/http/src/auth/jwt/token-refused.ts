/** A token proves nothing. The message is told to who sent it, and holds nothing of it. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}
