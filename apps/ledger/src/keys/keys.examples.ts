import type { Example } from '@meterbook/http/openapi/example';

export const issueKeyExample: Example = {
  body: { keyId: 'key-1', name: 'production', labels: { team: 'search' } },
  status: 201,
  answer: { keyId: 'key-1', name: 'production', group: null, labels: { team: 'search' }, secret: 'mb_shown-this-once' },
};

export const changeKeyExample: Example = {
  body: { group: 'default' },
  status: 200,
  answer: { keyId: 'key-1', name: 'production', group: 'default', labels: { team: 'search' } },
};

export const listKeysExample: Example = {
  status: 200,
  answer: {
    items: [{ keyId: 'key-1', name: 'production', group: null, labels: { team: 'search' }, revoked: false }],
    next: null,
  },
};

export const revokeKeyExample: Example = { status: 204 };
