// One case a provider: a webhook that its own SDK signed, or, where no SDK signs webhooks, that
// node's crypto signed and the SDK accepts. `tamper` changes one byte of what the signature covers.
import crypto from 'node:crypto';
import { createRequire } from 'node:module';
import Stripe from 'stripe';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { AlipaySdk } from 'alipay-sdk';
import WechatPay from 'wechatpay-node-v3';
import Razorpay from 'razorpay';
import braintree from 'braintree';
import * as gocardless from 'gocardless-nodejs/webhooks';

const require = createRequire(import.meta.url);
const { hmacValidator: AdyenValidator } = require('@adyen/api-library');
const { WebhooksHelper } = require('square');
const { Webhook: CoinbaseWebhook } = require('coinbase-commerce-node');

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const hex = (bytes) => crypto.randomBytes(bytes).toString('hex');
const hmac = (secret, text, encoding) =>
  crypto.createHmac('sha256', secret).update(text).digest(encoding);
const rsa = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = (key) => key.export({ type: 'spki', format: 'pem' });
const privatePem = (key) => key.export({ type: 'pkcs8', format: 'pem' });

// A verifier that throws on refusal, as a yes or no.
async function agrees(verify) {
  try {
    return (await verify()) !== false;
  } catch {
    return false;
  }
}

function stripe() {
  const secret = `whsec_${hex(16)}`;
  const client = new Stripe('sk_test_unused');
  return {
    gateway: { kind: 'stripe', webhook_secrets: [secret] },
    make(unique) {
      const body = JSON.stringify(
        {
          id: `evt_${unique}`,
          object: 'event',
          type: 'payment_intent.succeeded',
          data: { object: { id: 'pi_1', amount: 1099, amount_received: 1099, currency: 'jpy' } },
        },
        null,
        2,
      );
      const header = client.webhooks.generateTestHeaderString({ payload: body, secret });
      return { headers: { ...json, 'stripe-signature': header }, body };
    },
    accepts: ({ headers, body }) =>
      client.webhooks.constructEvent(body, headers['stripe-signature'], secret),
    tamper: ['"pi_1"', '"pi_2"'],
    event: { type: 'payment.succeeded', amount: '1099', currency: 'JPY' },
    acknowledged: { status: 200, success: true },
  };
}

function standardwebhooks() {
  const secret = `whsec_${crypto.randomBytes(24).toString('base64')}`;
  const webhook = new StandardWebhook(secret);
  return {
    gateway: { kind: 'standardwebhooks', secrets: [secret] },
    make(unique) {
      const now = new Date();
      const id = `msg_${unique}`;
      const body = JSON.stringify({
        type: 'payment.succeeded',
        timestamp: now.toISOString(),
        data: { payment_id: 'pay_1', amount: '99.99', currency: 'USD' },
      });
      const headers = {
        ...json,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': webhook.sign(id, now, body),
      };
      return { headers, body };
    },
    accepts: ({ headers, body }) => webhook.verify(body, headers) !== undefined,
    tamper: ['99.99', '99.98'],
    event: { type: 'payment.succeeded', amount: '99.99', currency: 'USD' },
    acknowledged: { status: 204 },
  };
}

function adyen() {
  const key = hex(32).toUpperCase();
  const validator = new AdyenValidator();
  return {
    gateway: { kind: 'adyen', hmac_keys: [key] },
    make(unique) {
      const item = {
        additionalData: {},
        amount: { currency: 'EUR', value: 1130 },
        eventCode: 'AUTHORISATION',
        eventDate: new Date().toISOString(),
        merchantAccountCode: 'PosternECOM',
        merchantReference: 'order-1',
        pspReference: unique.toUpperCase(),
        success: 'true',
      };
      item.additionalData.hmacSignature = validator.calculateHmac(item, key);
      const body = JSON.stringify({
        live: 'false',
        notificationItems: [{ NotificationRequestItem: item }],
      });
      return { headers: json, body };
    },
    accepts: ({ body }) =>
      validator.validateHMAC(JSON.parse(body).notificationItems[0].NotificationRequestItem, key),
    tamper: ['"value":1130', '"value":1131'],
    event: { type: 'payment.succeeded', amount: '11.30', currency: 'EUR' },
    acknowledged: { status: 200, body: '[accepted]' },
  };
}

// The SDK signs requests, not notifications, and only checks those.
function alipay() {
  const { publicKey, privateKey } = rsa();
  const appId = '2021000122671234';
  const sdk = new AlipaySdk({
    appId,
    privateKey: privatePem(privateKey),
    alipayPublicKey: publicPem(publicKey),
    keyType: 'PKCS8',
  });
  return {
    gateway: { kind: 'alipay', app_id: appId, alipay_public_keys: [publicPem(publicKey)] },
    make(unique) {
      const parameters = {
        notify_id: unique,
        notify_type: 'trade_status_sync',
        notify_time: '2026-01-01 00:00:00',
        app_id: appId,
        charset: 'utf-8',
        version: '1.0',
        trade_no: '2025061522001240010600289460',
        out_trade_no: 'order-1',
        subject: '订单 + 100%',
        total_amount: '88.88',
        trade_status: 'TRADE_SUCCESS',
      };
      const names = Object.keys(parameters).sort();
      const text = names.map((name) => `${name}=${parameters[name]}`).join('&');
      const sign = crypto.sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64');
      const body = new URLSearchParams({ ...parameters, sign_type: 'RSA2', sign }).toString();
      return { headers: form, body };
    },
    accepts: ({ body }) => sdk.checkNotifySignV2(Object.fromEntries(new URLSearchParams(body))),
    tamper: ['88.88', '88.89'],
    event: { type: 'payment.succeeded', amount: '88.88', currency: 'CNY' },
    acknowledged: { status: 200, body: 'success' },
  };
}

// wechatpay-node-v3 signs with `sign`, verifies with `verifySign` and decrypts; only the encryption
// of the resource is node's own.
function wechatpay() {
  const { publicKey, privateKey } = rsa();
  const serial = hex(20).toUpperCase();
  const apiKey = hex(16);
  WechatPay.certificates = { [serial]: publicPem(publicKey) };
  const pay = new WechatPay({
    appid: 'wxd678efh567hg6787',
    mchid: '1900000109',
    publicKey: Buffer.from(publicPem(publicKey)),
    privateKey: Buffer.from(privatePem(privateKey)),
    serial_no: serial,
    key: apiKey,
  });
  const encrypt = (value) => {
    const nonce = hex(6);
    const cipher = crypto.createCipheriv('aes-256-gcm', apiKey, nonce);
    cipher.setAAD(Buffer.from('transaction'));
    const bytes = [cipher.update(JSON.stringify(value)), cipher.final(), cipher.getAuthTag()];
    return { nonce, ciphertext: Buffer.concat(bytes).toString('base64') };
  };
  const resource = {
    mchid: '1900000109',
    appid: 'wxd678efh567hg6787',
    out_trade_no: 'order-1',
    transaction_id: '4200039776047574835489435841',
    trade_state: 'SUCCESS',
    amount: { total: 9999, payer_total: 9000, currency: 'CNY' },
  };
  return {
    gateway: {
      kind: 'wechatpay',
      mchid: '1900000109',
      appid: 'wxd678efh567hg6787',
      api_v3_key: apiKey,
      platform_keys: [{ serial, pem: publicPem(publicKey) }],
    },
    make(unique) {
      const body = JSON.stringify({
        id: unique,
        create_time: new Date().toISOString(),
        resource_type: 'encrypt-resource',
        event_type: 'TRANSACTION.SUCCESS',
        summary: '支付成功',
        resource: {
          original_type: 'transaction',
          algorithm: 'AEAD_AES_256_GCM',
          associated_data: 'transaction',
          ...encrypt(resource),
        },
      });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const nonce = hex(16);
      const headers = {
        ...json,
        'wechatpay-timestamp': timestamp,
        'wechatpay-nonce': nonce,
        'wechatpay-serial': serial,
        'wechatpay-signature': pay.sign(`${timestamp}\n${nonce}\n${body}\n`),
      };
      return { headers, body };
    },
    accepts: ({ headers, body }) =>
      pay.verifySign({
        timestamp: headers['wechatpay-timestamp'],
        nonce: headers['wechatpay-nonce'],
        serial: headers['wechatpay-serial'],
        signature: headers['wechatpay-signature'],
        body,
      }),
    tamper: ['TRANSACTION.SUCCESS', 'TRANSACTION.SUCCESR'],
    event: { type: 'payment.succeeded', amount: '99.99', currency: 'CNY' },
    acknowledged: { status: 204 },
  };
}

// The SDK only checks signatures.
function razorpay() {
  const secret = hex(16);
  return {
    gateway: { kind: 'razorpay', webhook_secrets: [secret] },
    make(unique) {
      const body = JSON.stringify({
        entity: 'event',
        event: 'payment.captured',
        contains: ['payment'],
        payload: {
          payment: { entity: { id: 'pay_1', amount: 50_000, currency: 'INR', status: 'captured' } },
        },
        created_at: 1_780_000_000,
      });
      const signature = hmac(secret, body, 'hex');
      const headers = { ...json, 'x-razorpay-event-id': unique, 'x-razorpay-signature': signature };
      return { headers, body };
    },
    accepts: ({ headers, body }) =>
      Razorpay.validateWebhookSignature(body, headers['x-razorpay-signature'], secret),
    tamper: ['50000', '50001'],
    event: { type: 'payment.succeeded', amount: '500.00', currency: 'INR' },
    acknowledged: { status: 200, success: true },
  };
}

// The SDK only checks signatures.
function square() {
  const signatureKey = hex(12);
  const notificationUrl = 'https://pay.example.com/api/v2/webhooks/square';
  return {
    gateway: { kind: 'square', signature_keys: [signatureKey], notification_url: notificationUrl },
    make(unique) {
      const payment = {
        id: 'sq_1',
        amount_money: { amount: 9999, currency: 'USD' },
        status: 'COMPLETED',
      };
      const body = JSON.stringify({
        merchant_id: 'M1',
        type: 'payment.updated',
        event_id: unique,
        created_at: new Date().toISOString(),
        data: { type: 'payment', id: 'sq_1', object: { payment } },
      });
      const signature = hmac(signatureKey, notificationUrl + body, 'base64');
      return { headers: { ...json, 'x-square-hmacsha256-signature': signature }, body };
    },
    accepts: ({ headers, body }) =>
      WebhooksHelper.verifySignature({
        requestBody: body,
        signatureHeader: headers['x-square-hmacsha256-signature'],
        signatureKey,
        notificationUrl,
      }),
    tamper: ['9999', '9998'],
    event: { type: 'payment.succeeded', amount: '99.99', currency: 'USD' },
    acknowledged: { status: 200, success: true },
  };
}

function braintreeCase() {
  const keys = { publicKey: hex(8), privateKey: hex(16) };
  const client = new braintree.BraintreeGateway({
    environment: braintree.Environment.Sandbox,
    merchantId: 'merchant',
    ...keys,
  });
  return {
    gateway: {
      kind: 'braintree',
      merchant_id: 'merchant',
      keys: [{ public_key: keys.publicKey, private_key: keys.privateKey }],
    },
    make(unique) {
      const sample = client.webhookTesting.sampleNotification(
        braintree.WebhookNotification.Kind.TransactionSettled,
        unique,
      );
      return { headers: form, body: new URLSearchParams(sample).toString() };
    },
    accepts({ body }) {
      const { bt_signature: signature, bt_payload: payload } = Object.fromEntries(
        new URLSearchParams(body),
      );
      return client.webhookNotification.parse(signature, payload);
    },
    tamper: ['bt_payload=P', 'bt_payload=Q'],
    event: { type: 'payment.succeeded', amount: '100.00', currency: 'USD' },
    acknowledged: { status: 200, success: true },
  };
}

// The SDK only checks signatures, with the digest that its verifier makes.
function gocardlessCase() {
  const secret = hex(20);
  return {
    gateway: { kind: 'gocardless', webhook_secrets: [secret] },
    make(unique) {
      const body = JSON.stringify({
        events: [
          {
            id: `EV${unique.toUpperCase()}`,
            created_at: new Date().toISOString(),
            resource_type: 'payments',
            action: 'confirmed',
            links: { payment: 'PM1' },
            details: { origin: 'gocardless', cause: 'payment_confirmed' },
            metadata: {},
          },
        ],
        meta: { webhook_id: 'WB1' },
      });
      return { headers: { ...json, 'webhook-signature': hmac(secret, body, 'hex') }, body };
    },
    accepts: ({ headers, body }) => gocardless.parse(body, secret, headers['webhook-signature']),
    tamper: ['"PM1"', '"PM2"'],
    event: { type: 'payment.succeeded', amount: null, currency: null },
    acknowledged: { status: 204 },
    refusedStatus: 498,
  };
}

function coinbase() {
  const secret = crypto.randomUUID();
  return {
    gateway: { kind: 'coinbase', webhook_secrets: [secret] },
    make(unique) {
      const body = JSON.stringify({
        attempt_number: 1,
        event: {
          id: unique,
          resource: 'event',
          type: 'charge:confirmed',
          created_at: new Date().toISOString(),
          data: { code: 'ZY0TH4F4', pricing: { local: { amount: '100.00', currency: 'USD' } } },
        },
      });
      const signature = CoinbaseWebhook.computeSignature(body, secret);
      return { headers: { ...json, 'x-cc-webhook-signature': signature }, body };
    },
    accepts: ({ headers, body }) =>
      CoinbaseWebhook.verifyEventBody(body, headers['x-cc-webhook-signature'], secret),
    tamper: ['100.00', '100.01'],
    event: { type: 'payment.succeeded', amount: '100.00', currency: 'USD' },
    acknowledged: { status: 200, success: true },
  };
}

const makers = {
  stripe,
  standardwebhooks,
  adyen,
  alipay,
  wechatpay,
  razorpay,
  square,
  braintree: braintreeCase,
  gocardless: gocardlessCase,
  coinbase,
};

export const sdkCases = Object.entries(makers).map(([id, make]) => {
  const made = make();
  return {
    refusedStatus: 401,
    ...made,
    id,
    gateway: { id, mode: 'sandbox', ...made.gateway },
    accepts: (request) => agrees(() => made.accepts(request)),
  };
});
