import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK, type KeyLike } from 'jose';

/** Claims of a token; undefined takes a usual one out. */
export type Claims = Readonly<Record<string, unknown>>;

type Answer = (response: ServerResponse) => void;

interface Signer {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly privateKey: KeyLike;
  readonly publicKey: JWK;
}

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'meterbook';

/** Somebody who issues tokens: signs them, and serves its public keys as it is told to. */
export class TokenIssuer {
  /** How often the keys were asked for. */
  asked = 0;
  /** What is answered instead of the keys. */
  instead: Answer | null = null;
  private published: Signer[] = [];
  private readonly server: Server = createServer((_request, response) => {
    this.asked += 1;
    if (this.instead) this.instead(response);
    else response.setHeader('content-type', 'application/json').end(this.document());
  });

  /** With one key that is published. */
  static async start(alg = 'ES256'): Promise<TokenIssuer> {
    const issuer = new TokenIssuer();
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    await issuer.newKey('first', alg);
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/keys`;
  }

  document(): string {
    return JSON.stringify({ keys: this.published.map(({ publicKey }) => publicKey) });
  }

  /** Makes a key, and publishes it beside the others. */
  async newKey(kid: string | undefined, alg = 'ES256'): Promise<void> {
    this.published.push(await signerOf(kid, alg));
  }

  /** Publishes this key no more. */
  takeBack(kid: string): void {
    this.published = this.published.filter((signer) => signer.kid !== kid);
  }

  /** A token by the newest key, or by another signer's, with these claims beside and over the usual ones. */
  sign(claims: Claims, nowMs: number, signer = this.published.at(-1)): Promise<string> {
    if (!signer) throw new Error('no key is published');
    const seconds = Math.floor(nowMs / 1000);
    const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'gateway-7', iat: seconds, exp: seconds + 600 };
    const { alg, kid } = signer;
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg, typ: 'at+jwt', ...(kid === undefined ? {} : { kid }) })
      .sign(signer.privateKey);
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** A key that nobody has published, under a name that may be somebody's. */
export async function signerOf(kid: string | undefined, alg = 'ES256'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const exported = await exportJWK(publicKey);
  return { alg, kid, privateKey, publicKey: { ...exported, alg, use: 'sig', ...(kid === undefined ? {} : { kid }) } };
}
