// What a team builds with the usual Node packages when one machine is not enough: fastify takes the
// webhook, Stripe's own library proves it, pg writes it to PostgreSQL, which is the record, and
// BullMQ queues it in Redis; then the 200 leaves. Workers in the same processes sign, deliver over
// connections that stay open, and mark the row.
// POSTERN_PEER_PROCESSES, _PORT, _REDIS_PORT, _SECRET, _SINK (a URL), and what libpq reads.
import cluster from 'node:cluster';
import process from 'node:process';

const environment = process.env;
const processes = Number(environment.POSTERN_PEER_PROCESSES);
const redisPort = Number(environment.POSTERN_PEER_REDIS_PORT);
const queueName = 'deliveries';
const connectionsEach = 16;
const deliveriesEach = 100;

const schema = `
CREATE TABLE webhooks (
  id text PRIMARY KEY, type text NOT NULL, body bytea NOT NULL, received_at timestamptz NOT NULL,
  attempts int NOT NULL DEFAULT 0, last_error text, delivered_at timestamptz);
CREATE INDEX ON webhooks (received_at) WHERE delivered_at IS NULL;
`;

// Named statements are parsed and planned once a connection.
const statements = {
  insert: {
    name: 'insert', text: 'INSERT INTO webhooks (id, type, body, received_at) '
      + 'VALUES ($1, $2, $3, now()) ON CONFLICT (id) DO NOTHING',
  },
  isDelivered: {
    name: 'is_delivered', text: 'SELECT delivered_at IS NOT NULL AS is FROM webhooks WHERE id = $1',
  },
  delivered: {
    name: 'delivered', text: 'UPDATE webhooks SET attempts = attempts + 1, last_error = NULL, '
      + 'delivered_at = now() WHERE id = $1',
  },
  failed: {
    name: 'failed',
    text: 'UPDATE webhooks SET attempts = attempts + 1, last_error = $2 WHERE id = $1',
  },
};

async function redisConnection() {
  const { default: Redis } = await import('ioredis');
  return new Redis({ host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null });
}

// The provider comes again until the job is queued too, so a crash between the two loses nothing.
// What is known and delivered is not queued again.
async function storeAndQueue(pool, queue, event, body) {
  const values = [event.id, event.type, body];
  const { rowCount } = await pool.query({ ...statements.insert, values });
  if (rowCount === 0) {
    const known = await pool.query({ ...statements.isDelivered, values: [event.id] });
    if (known.rows[0].is) return;
  }
  const job = { id: event.id, body: body.toString('utf8') };
  await queue.add('deliver', job, { jobId: event.id });
}

async function serveWebhooks(pool) {
  const { default: Fastify } = await import('fastify');
  const { default: Stripe } = await import('stripe');
  const { Queue } = await import('bullmq');
  const stripe = new Stripe('sk_test_bench');
  const queue = new Queue(queueName, {
    connection: await redisConnection(),
    defaultJobOptions: {
      attempts: 8,
      backoff: { type: 'exponential', delay: 1000 },
      removeOnComplete: true,
      removeOnFail: 1000,
    },
  });
  const app = Fastify({ logger: false, bodyLimit: 1 << 20 });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) =>
    done(null, body),
  );
  app.post('/webhooks/stripe', async (request, reply) => {
    let event;
    try {
      event = stripe.webhooks.constructEvent(
        request.body,
        request.headers['stripe-signature'],
        environment.POSTERN_PEER_SECRET,
      );
    } catch {
      return reply.code(400).send('bad signature');
    }
    await storeAndQueue(pool, queue, event, request.body);
    return reply.code(200).send('ok');
  });
  await app.listen({ host: '127.0.0.1', port: Number(environment.POSTERN_PEER_PORT) });
}

async function makeSender() {
  const { Webhook } = await import('standardwebhooks');
  const { Pool } = await import('undici');
  const key = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64');
  const signer = new Webhook(`whsec_${key}`);
  const sink = new URL(environment.POSTERN_PEER_SINK);
  const connections = new Pool(sink.origin, { connections: 64, keepAliveTimeout: 30000 });
  return async ({ id: eventId, body }) => {
    const id = `msg_${eventId}`;
    const at = new Date();
    const reply = await connections.request({
      method: 'POST',
      path: sink.pathname,
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': signer.sign(id, at, body),
      },
      headersTimeout: 15000,
      bodyTimeout: 15000,
    });
    await reply.body.dump();
    if (reply.statusCode < 200 || reply.statusCode > 299) {
      throw new Error(`status ${reply.statusCode}`);
    }
  };
}

async function deliverWebhooks(pool) {
  const { Worker } = await import('bullmq');
  const send = await makeSender();
  const deliver = async ({ data }) => {
    try {
      await send(data);
    } catch (error) {
      await pool.query({ ...statements.failed, values: [data.id, error.message] });
      throw error;
    }
    await pool.query({ ...statements.delivered, values: [data.id] });
  };
  const worker = new Worker(queueName, deliver, {
    connection: await redisConnection(),
    concurrency: deliveriesEach,
  });
  // A worker without a listener ends its process at the first error; BullMQ tries again by itself.
  worker.on('error', () => {});
}

const { default: pg } = await import('pg');
if (cluster.isPrimary) {
  const client = new pg.Client();
  await client.connect();
  await client.query(schema);
  await client.end();
  for (let i = 0; i < processes; ++i) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill();
    process.exit(0);
  });
} else {
  const pool = new pg.Pool({ max: connectionsEach, min: connectionsEach });
  await serveWebhooks(pool);
  await deliverWebhooks(pool);
}
