import { isIP } from 'node:net';
import { credentials } from '@grpc/grpc-js';

/** What grpc-js makes for each connection over TLS: its options go to `tls.connect` as they are. */
interface SecureConnector {
  readonly connectionOptions?: { servername?: string };
}

interface SecureCredentials {
  _createSecureConnector: (this: SecureCredentials, ...args: unknown[]) => SecureConnector;
}

let isDone = false;

/**
 * An address is no server name (RFC 6066), but grpc-js sends the host as one whatever it is, and Node warns of that (DEP0123). Its
 * credentials are made inside the client, for its search as for its channels, so all of this process get the better connector. The
 * certificate is compared with the address all the same: Node takes the host for it where no name is sent.
 */
export function sendNoAddressAsServerName(): void {
  if (isDone) return;
  isDone = true;
  const ofEvery = Object.getPrototypeOf(credentials.createSsl()) as SecureCredentials;
  const create = ofEvery._createSecureConnector;
  ofEvery._createSecureConnector = function (...args): SecureConnector {
    const connector = create.apply(this, args);
    const { connectionOptions } = connector;
    if (connectionOptions?.servername !== undefined && isIP(connectionOptions.servername) !== 0)
      connectionOptions.servername = '';
    return connector;
  };
}
