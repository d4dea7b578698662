#include "bench/payload.hpp"

#include "core/assert.hpp"
#include "core/bytes.hpp"

#include <unistd.h>

namespace postern::bench {
namespace {

constexpr std::size_t kBodyBytes = 2048;
constexpr std::size_t kTimeDigits = 16;
constexpr std::size_t kSequenceDigits = 10;
constexpr std::string_view kIdPlace = "00000000000000000000000000";
static_assert(kIdPlace.size() == kTimeDigits + kSequenceDigits);

constexpr std::string_view kBody = R"({
  "id": "evt_00000000000000000000000000",
  "object": "event",
  "api_version": "2024-06-20",
  "created": 1732150000,
  "data": {
    "object": {
      "id": "pi_3QNaBcDeFgHiJkLm1AbCdEfG",
      "object": "payment_intent",
      "amount": 109900,
      "amount_capturable": 0,
      "amount_details": {
        "tip": {
        }
      },
      "amount_received": 109900,
      "application": null,
      "application_fee_amount": null,
      "automatic_payment_methods": {
        "allow_redirects": "always",
        "enabled": true
      },
      "canceled_at": null,
      "cancellation_reason": null,
      "capture_method": "automatic",
      "client_secret": "pi_3QNaBcDeFgHiJkLm1AbCdEfG_secret_Zz0Yy1Xx2Ww3Vv4Uu5Tt6Ss7R",
      "confirmation_method": "automatic",
      "created": 1732149990,
      "currency": "eur",
      "customer": "cus_RGn9aBcDeFgHiJ",
      "description": "Order #10045 \u2014 caf\u00e9 supplies",
      "invoice": null,
      "last_payment_error": null,
      "latest_charge": "ch_3QNaBcDeFgHiJkLm1XyZaBcD",
      "livemode": true,
      "metadata": {
        "order_id": "10045",
        "merchant_id": "m_42",
        "cart": "[{\"sku\":\"A-1\",\"qty\":2},{\"sku\":\"B-7\",\"qty\":1}]"
      },
      "next_action": null,
      "on_behalf_of": null,
      "payment_method": "pm_1QNaBbDeFgHiJkLmQwErTyUi",
      "payment_method_options": {
        "card": {
          "installments": null,
          "mandate_options": null,
          "network": null,
          "request_three_d_secure": "automatic"
        }
      },
      "payment_method_types": [
        "card"
      ],
      "receipt_email": "jenny.rosen@example.com",
      "shipping": null,
      "statement_descriptor": null,
      "status": "succeeded",
      "transfer_data": null,
      "transfer_group": null
    }
  },
  "livemode": true,
  "pending_webhooks": 1,
  "request": {
    "id": "req_AbCdEfGhIjKlMn",
    "idempotency_key": "2a1b7c5e-0d3f-4d7b-9a43-6c8de1f0a9b2"
  },
  "type": "payment_intent.succeeded"
})";

// Padding goes where a merchant's own data would be.
std::string padded_body() {
    std::string body{kBody};
    constexpr std::string_view kNoteFrame = R"("note": "", )";
    const std::size_t place = body.find("\"order_id\"");
    POSTERN_ASSERT(place != std::string::npos);
    if (body.size() + kNoteFrame.size() >= kBodyBytes) return body;
    std::string note = R"("note": ")";
    note.append(kBodyBytes - body.size() - kNoteFrame.size(), 'x');
    note += R"(", )";
    body.insert(place, note);
    return body;
}

void put_hex(std::string& text, std::size_t at, std::uint64_t value, std::size_t digits) {
    for (std::size_t i = digits; i-- > 0; value >>= 4) {
        text[at + i] = "0123456789abcdef"[value & 15];
    }
}

std::string request_head(const RequestWriter::Target& target, std::size_t body_bytes) {
    std::string head = "POST ";
    head += target.path;
    head += " HTTP/1.1\r\nHost: ";
    head += target.host;
    head +=
        "\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
        "Content-Type: application/json; charset=utf-8\r\nAccept: */*\r\nContent-Length: ";
    head += std::to_string(body_bytes);
    head += "\r\nStripe-Signature: t=";
    return head;
}

constexpr std::string_view kPaymentForm =
    "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa"
    "&automatic_payment_methods%5Benabled%5D=true"
    "&automatic_payment_methods%5Ballow_redirects%5D=never"
    "&description=Caf%C3%A9%20supplies&receipt_email=jenny.rosen%40example.com"
    "&metadata%5Border%5D=00000000000000000000000000";

std::string payment_request(const RequestWriter::Target& target) {
    std::string request = "POST ";
    request += target.path;
    request += " HTTP/1.1\r\nHost: ";
    request += target.host;
    request += "\r\nAuthorization: Bearer ";
    request += target.secret;
    request +=
        "\r\nUser-Agent: Stripe/v1 NodeBindings/17.7.0\r\nAccept: application/json\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nIdempotency-Key: stripe-node-retry-";
    request += kIdPlace;
    request += "\r\nContent-Length: ";
    request += std::to_string(kPaymentForm.size());
    request += "\r\n\r\n";
    request += kPaymentForm;
    return request;
}

// Several generators may run at once: each numbers from a place of its own, so that no two of them
// make the same id within a microsecond.
std::uint64_t first_sequence() {
    constexpr unsigned kSequencesEachBits = 20;
    return static_cast<std::uint64_t>(getpid()) << kSequencesEachBits;
}

}  // namespace

WebhookWriter::WebhookWriter(const Target& target)
    : key_{HashAlgorithm::sha256, target.secret},
      body_{padded_body()},
      id_at_{body_.find(kIdPlace)},
      sequence_{first_sequence()} {
    head_ = request_head(target, body_.size());
}

void WebhookWriter::write_next(TimePoint now, std::string& request) {
    put_hex(body_, id_at_, static_cast<std::uint64_t>(unix_microseconds(now)), kTimeDigits);
    put_hex(body_, id_at_ + kTimeDigits, sequence_++, kSequenceDigits);
    const std::string timestamp = std::to_string(unix_seconds(now));
    request = head_;
    request += timestamp;
    request += ",v1=";
    request += to_hex(key_.sign({timestamp, ".", body_}));
    request += "\r\n\r\n";
    request += body_;
}

PaymentWriter::PaymentWriter(const Target& target)
    : request_{payment_request(target)},
      key_at_{request_.find(kIdPlace)},
      order_at_{request_.rfind(kIdPlace)},
      sequence_{first_sequence()} {}

void PaymentWriter::write_next(TimePoint now, std::string& request) {
    const auto at = static_cast<std::uint64_t>(unix_microseconds(now));
    for (const std::size_t place : {key_at_, order_at_}) {
        put_hex(request_, place, at, kTimeDigits);
        put_hex(request_, place + kTimeDigits, sequence_, kSequenceDigits);
    }
    sequence_ += 1;
    request = request_;
}

}  // namespace postern::bench
