import Fastify from 'fastify';

/** The least that a web service can do with a recharge: a route of the same shape that checks its body and answers. */
const body = {
  type: 'object',
  additionalProperties: false,
  required: ['rechargeId', 'provider', 'amount', 'currency'],
  properties: {
    rechargeId: { type: 'string', minLength: 1, maxLength: 128 },
    provider: { type: 'string', minLength: 1, maxLength: 128 },
    amount: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?$' },
    currency: { type: 'string', minLength: 1, maxLength: 16 },
    occurredAt: { type: 'string', format: 'date-time' },
  },
};

interface Recharge {
  readonly rechargeId: string;
  readonly amount: string;
  readonly currency: string;
}

async function main(): Promise<void> {
  const fastify = Fastify();
  const path = '/v1/platforms/:platform/accounts/:account/recharges';
  fastify.post<{ Body: Recharge }>(path, { schema: { body } }, (request, reply) => {
    const { rechargeId, amount, currency } = request.body;
    const paid = { amount, currency };
    void reply.code(201);
    return { rechargeId, credited: amount, currency, paid, fxRate: null, receivableSettled: '0' };
  });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  console.log(JSON.stringify({ address: fastify.listeningOrigin }));
}

void main();
