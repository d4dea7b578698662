// What a payment method is made of.
const kCvc = '739';

export const card = (number, more = {}) => ({
  type: 'card',
  card: { number, exp_month: 12, exp_year: 2034, cvc: kCvc, ...more },
});

export const bank = (more = {}) => ({
  type: 'us_bank_account',
  billing_details: { name: 'Ada L.' },
  us_bank_account: {
    account_number: '000123456789',
    routing_number: '110000000',
    account_holder_type: 'individual',
    account_type: 'checking',
    ...more,
  },
});
