// What a team builds with the usual Node packages: fastify takes the webhook, Stripe's own library
// proves it, BullMQ queues it, and the 200 leaves when Redis has it; the worker signs and delivers.
// POSTERN_PEER_ROLE=accept|both, _PROCESSES, _PORT, _REDIS_PORT, _SECRET, _SINK (a URL).
import cluster from 'node:cluster';
import process from 'node:process';

const environment = process.env;
const processes = Number(environment.POSTERN_PEER_PROCESSES);
const redisPort = Number(environment.POSTERN_PEER_REDIS_PORT);
const queueName = 'deliveries';

async function connection() {
  const { default: Redis } = await import('ioredis');
  return new Redis({ host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null });
}

async function serveWebhooks() {
  const { default: Fastify } = await import('fastify');
  const { default: Stripe } = await import('stripe');
  const { Queue } = await import('bullmq');
  const stripe = new Stripe('sk_test_bench');
  const secret = environment.POSTERN_PEER_SECRET;
  const queue = new Queue(queueName, {
    connection: await connection(),
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
        secret,
      );
    } catch {
      return reply.code(400).send('bad signature');
    }
    const job = {
      url: environment.POSTERN_PEER_SINK,
      id: event.id,
      type: event.type,
      body: request.body.toString('utf8'),
    };
    await queue.add('deliver', job, { jobId: event.id });
    return reply.code(200).send('ok');
  });
  await app.listen({ host: '127.0.0.1', port: Number(environment.POSTERN_PEER_PORT) });
}

async function deliverWebhooks() {
  const { Worker } = await import('bullmq');
  const { Webhook } = await import('standardwebhooks');
  const { Pool } = await import('undici');
  const key = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64');
  const signer = new Webhook(`whsec_${key}`);
  const sink = new URL(environment.POSTERN_PEER_SINK);
  const pool = new Pool(sink.origin, { connections: 64, keepAliveTimeout: 30000 });

  const deliver = async (job) => {
    const id = `msg_${job.data.id}`;
    const at = new Date();
    const reply = await pool.request({
      method: 'POST',
      path: sink.pathname,
      body: job.data.body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': signer.sign(id, at, job.data.body),
      },
      headersTimeout: 15000,
      bodyTimeout: 15000,
    });
    await reply.body.dump();
    if (reply.statusCode < 200 || reply.statusCode > 299) {
      throw new Error(`status ${reply.statusCode}`);
    }
  };
  const worker = new Worker(queueName, deliver, {
    connection: await connection(),
    concurrency: 100,
  });
  // A worker without a listener ends its process at the first error; BullMQ tries again by itself.
  worker.on('error', () => {});
}

if (cluster.isPrimary) {
  for (let i = 0; i < processes; ++i) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill();
    process.exit(0);
  });
} else {
  await serveWebhooks();
  if (environment.POSTERN_PEER_ROLE === 'both') await deliverWebhooks();
}
