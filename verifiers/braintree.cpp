#include "verifiers/braintree.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "verifiers/braintree_xml.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/type_mapping.hpp"

#include <algorithm>
#include <array>

namespace postern::verifiers {
namespace {

// The pairs of one signature: one for each API key of the merchant.
constexpr std::size_t kPairsMax = 64;
constexpr std::size_t kChallengeBytesMin = 20;
constexpr std::size_t kChallengeBytesMax = 32;

// What the event is about, and so where its ids and amounts lie.
enum class Shape { transaction, subscription, local_payment, refund, dispute, disbursement };

struct Mapping {
    std::string_view provider_type;
    EventType type;
    Shape shape;
    std::string_view outcome;
};

constexpr Mapping kMappings[] = {
    {"transaction_settled", EventType::payment_succeeded, Shape::transaction, {}},
    {"transaction_settlement_declined", EventType::payment_failed, Shape::transaction, {}},
    {"subscription_charged_successfully", EventType::payment_succeeded, Shape::subscription, {}},
    {"subscription_charged_unsuccessfully", EventType::payment_failed, Shape::subscription, {}},
    {"local_payment_completed", EventType::payment_action_completed, Shape::local_payment, {}},
    {"local_payment_funded", EventType::payment_succeeded, Shape::local_payment, {}},
    {"local_payment_expired", EventType::payment_canceled, Shape::local_payment, {}},
    {"refund_failed", EventType::refund_failed, Shape::refund, {}},
    {"dispute_opened", EventType::dispute_created, Shape::dispute, {}},
    {"dispute_under_review", EventType::dispute_updated, Shape::dispute, {}},
    {"dispute_disputed", EventType::dispute_updated, Shape::dispute, {}},
    {"dispute_won", EventType::dispute_closed, Shape::dispute, "won"},
    {"dispute_lost", EventType::dispute_closed, Shape::dispute, "lost"},
    {"dispute_accepted", EventType::dispute_closed, Shape::dispute, "lost"},
    {"dispute_auto_accepted", EventType::dispute_closed, Shape::dispute, "lost"},
    {"dispute_expired", EventType::dispute_closed, Shape::dispute, "lost"},
    {"disbursement", EventType::payout_paid, Shape::disbursement, {}},
    {"disbursement_exception", EventType::payout_failed, Shape::disbursement, {}},
};

// The newest transaction comes first.
const XmlElement& latest_transaction(const XmlElement& subscription) {
    return subscription.child("transactions").child("transaction");
}

struct Money {
    std::string_view amount;
    std::string_view currency;
};

void set_money(UnifiedEvent& event, Money money) {
    set_currency(event, money.currency);
    set_decimal_amount(event, money.amount);
}

void read_transaction(const XmlElement& transaction, UnifiedEvent& event) {
    event.gateway_payment_id = transaction.child("id").text;
    event.merchant_reference = transaction.child("order-id").text;
    set_money(
        event,
        {.amount = transaction.child("amount").text,
         .currency = transaction.child("currency-iso-code").text}
    );
    if (event.type == EventType::payment_failed) event.reason = transaction.child("status").text;
}

void read_local_payment(const XmlElement& payment, UnifiedEvent& event) {
    read_transaction(payment.child("transaction"), event);
    if (event.gateway_payment_id.empty()) {
        event.gateway_payment_id = payment.child("payment-id").text;
    }
}

void read_refund(const XmlElement& transaction, UnifiedEvent& event) {
    read_transaction(transaction, event);
    event.gateway_refund_id = transaction.child("id").text;
    event.gateway_payment_id = transaction.child("refunded-transaction-id").text;
    event.reason = transaction.child("status").text;
}

void read_dispute(const XmlElement& dispute, UnifiedEvent& event) {
    const std::string& disputed = dispute.child("amount-disputed").text;
    event.gateway_dispute_id = dispute.child("id").text;
    event.gateway_payment_id = dispute.child("transaction").child("id").text;
    event.merchant_reference = dispute.child("transaction").child("order-id").text;
    event.reason = dispute.child("reason").text;
    set_money(
        event,
        {.amount = disputed.empty() ? dispute.child("amount").text : disputed,
         .currency = dispute.child("currency-iso-code").text}
    );
}

void read_disbursement(const XmlElement& disbursement, UnifiedEvent& event) {
    event.gateway_payout_id = disbursement.child("id").text;
    set_money(
        event,
        {.amount = disbursement.child("amount").text,
         .currency = disbursement.child("merchant-account").child("currency-iso-code").text}
    );
    if (event.type == EventType::payout_failed) {
        event.reason = disbursement.child("exception-message").text;
    }
}

void read_object(Shape shape, const XmlElement& object, UnifiedEvent& event) {
    switch (shape) {
        case Shape::transaction: return read_transaction(object, event);
        case Shape::subscription: return read_transaction(latest_transaction(object), event);
        case Shape::local_payment: return read_local_payment(object, event);
        case Shape::refund: return read_refund(object, event);
        case Shape::dispute: return read_dispute(object, event);
        case Shape::disbursement: return read_disbursement(object, event);
    }
}

// What the kind alone does not say.
std::optional<EventType> type_of(const Mapping& mapping, const XmlElement& object) {
    // Money given back settles too, and must never look like money that came in.
    if (mapping.shape == Shape::transaction && object.child("type").text == "credit") {
        return std::nullopt;
    }
    if (mapping.provider_type == "disbursement") {
        const std::string& success = object.child("success").text;
        if (success == "true") return EventType::payout_paid;
        if (success == "false") return EventType::payout_failed;
        return std::nullopt;
    }
    return mapping.type;
}

std::optional<UnifiedEvent> unify(std::string_view kind, const XmlElement& object) {
    const Mapping* mapping = find_mapping(kMappings, kind);
    if (mapping == nullptr) return std::nullopt;
    const auto type = type_of(*mapping, object);
    if (!type) return std::nullopt;
    UnifiedEvent event{.type = *type};
    event.outcome = mapping->outcome;
    read_object(mapping->shape, object, event);
    return event;
}

// Which of the things inside the subject names it.
std::string_view subject_id(std::string_view kind, const XmlElement& object) {
    const Mapping* mapping = find_mapping(kMappings, kind);
    const bool charged = mapping != nullptr && mapping->shape == Shape::subscription;
    const std::string_view candidates[] = {
        charged ? latest_transaction(object).child("id").text : std::string_view{},
        object.child("id").text,
        object.child("transaction").child("id").text,
        object.child("payment-id").text,
        object.child("token").text};
    for (const std::string_view candidate : candidates) {
        if (!candidate.empty()) return candidate;
    }
    return {};
}

struct Notice {
    std::string signature;
    std::string payload;  // base64 with line feeds, as it was signed
};

// The first of each name, here and everywhere, so that what was proved is what is read.
std::optional<Notice> notice_of(std::string_view body) {
    const auto form = parse_form(body);
    if (!form) return std::nullopt;
    Notice notice;
    for (const auto& [name, value] : *form) {
        if (name == "bt_signature" && notice.signature.empty()) notice.signature = value;
        if (name == "bt_payload" && notice.payload.empty()) notice.payload = value;
    }
    return notice;
}

bool is_payload(std::string_view text) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n";
    return text.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<XmlElement> notification_of(std::string payload) {
    std::erase(payload, '\n');
    const auto xml = from_base64(payload);
    if (!xml) return std::nullopt;
    auto root = parse_braintree_xml(*xml);
    if (!root || root->name != "notification") return std::nullopt;
    return root;
}

struct SignaturePair {
    std::string_view public_key;
    std::string_view digest;
};

// "public_key|hex[&public_key|hex…]"; what has no '|' is skipped.
std::vector<SignaturePair> pairs_of(std::string_view signature) {
    std::vector<SignaturePair> pairs;
    while (!signature.empty() && pairs.size() < kPairsMax) {
        const auto end = signature.find('&');
        const std::string_view part = signature.substr(0, end);
        signature.remove_prefix(end == std::string_view::npos ? signature.size() : end + 1);
        const auto bar = part.find('|');
        if (bar == std::string_view::npos) continue;
        pairs.push_back({part.substr(0, bar), part.substr(bar + 1)});
    }
    return pairs;
}

struct ApiKey {
    std::string public_key;
    HmacKey hmac;
};

// The HMAC's key is the SHA-1 of the private key, raw. Digests are compared as lower-case hex, as
// Braintree's libraries do. The payload is hashed once a key and not once a pair, so that a long
// list of pairs costs its sender more than us.
bool signed_by(
    const ApiKey& key,
    const std::vector<SignaturePair>& pairs,
    std::string_view payload
) {
    const std::string plain = to_hex(key.hmac.sign({payload}));
    // Some senders sign the payload with the line feed that their base64 encoder ends with.
    const std::string with_line_feed = to_hex(key.hmac.sign({payload, "\n"}));
    bool matches = false;
    for (const SignaturePair& pair : pairs) {
        if (pair.public_key != key.public_key) continue;
        const bool plain_matches = equal_in_constant_time(plain, pair.digest);
        const bool other_matches = equal_in_constant_time(with_line_feed, pair.digest);
        matches = matches || plain_matches || other_matches;
    }
    return matches;
}

bool is_named(const ApiKey& key, const std::vector<SignaturePair>& pairs) {
    return std::any_of(pairs.begin(), pairs.end(), [&key](const SignaturePair& pair) {
        return pair.public_key == key.public_key;
    });
}

bool is_challenge(std::string_view text) {
    return text.size() >= kChallengeBytesMin && text.size() <= kChallengeBytesMax
           && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class BraintreeProvider final : public Provider {
 public:
    explicit BraintreeProvider(std::vector<ApiKey> keys) : keys_{std::move(keys)} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        if (request.body.empty()) return VerifyFailure::malformed;
        const auto notice = notice_of(request.body);
        if (!notice) return VerifyFailure::malformed;
        if (notice->signature.empty() || notice->payload.empty()) {
            return VerifyFailure::missing_header;
        }
        request.note("bt_signature", notice->signature);
        if (!is_payload(notice->payload)) return VerifyFailure::malformed;
        request.note(
            "signed text",
            "bt_payload as sent, HMAC-SHA1 with the raw SHA-1 of the private key, hex"
        );
        return match(*notice, request);
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto notice = notice_of(request.body);
        if (!notice) return NormaliseFailure::malformed;
        const auto root = notification_of(notice->payload);
        if (!root || root->child("kind").text.empty()) return NormaliseFailure::malformed;
        const std::string& kind = root->child("kind").text;
        const std::string& timestamp = root->child("timestamp").text;
        const XmlElement& object = root->child("subject").first_child();
        std::string id = kind;
        id += ':';
        id += event_id_or_digest({.id = subject_id(kind, object), .sent = notice->payload});
        id += ':';
        id += timestamp;
        auto unified = unify(kind, object);
        if (unified) unified->occurred_at = event_time({.text = timestamp});
        Normalised normalised;
        normalised.events.push_back(ProviderEvent{
            .id = std::move(id), .type = kind, .unified = std::move(unified)});
        return normalised;
    }

    // How Braintree finds out that an endpoint is ours before it saves it. The answer proves that
    // we hold the private key; a text that is no challenge is not echoed, for it may be a script.
    std::optional<ProviderReply> challenge(const SignedRequest& request) const override {
        const auto asked = query_parameter(request.query, "bt_challenge");
        if (!asked || !is_challenge(*asked)) return ProviderReply{400, "text/plain", {}};
        const ApiKey& key = keys_.front();
        std::string answer = key.public_key;
        answer += '|';
        answer += to_hex(key.hmac.sign({*asked}));
        return ProviderReply{200, "text/plain", std::move(answer)};
    }

 private:
    Result<Verified, VerifyFailure> match(const Notice& notice, const SignedRequest& request)
        const {
        const auto pairs = pairs_of(notice.signature);
        bool ours_named = false;
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            if (!is_named(keys_[i], pairs)) continue;
            ours_named = true;
            request.note("public key", keys_[i].public_key);
            if (signed_by(keys_[i], pairs, notice.payload)) return Verified{.key_index = i};
        }
        return ours_named ? VerifyFailure::bad_signature : VerifyFailure::unknown_key;
    }

    std::vector<ApiKey> keys_;
};

std::optional<ApiKey> read_api_key(const SettingTable& table, SettingsReader& outer) {
    SettingsReader reader{table, "braintree keys"};
    std::string public_key = reader.required_text("public_key");
    const std::string private_key = required_secret(reader, "private_key");
    if (public_key.find_first_of("|&") != std::string::npos) {
        reader.complain("public_key", "must not hold '|' or '&'");
    }
    if (const auto complaint = complaints_of(reader)) {
        outer.complain("keys", complaint->message);
        return std::nullopt;
    }
    return ApiKey{
        std::move(public_key),
        HmacKey{HashAlgorithm::sha1, hash(HashAlgorithm::sha1, {private_key})}};
}

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_braintree(const SettingTable& settings) {
    SettingsReader reader{settings, "braintree"};
    // Names the account for the operator; no webhook carries it.
    static_cast<void>(reader.text("merchant_id", {}));
    std::vector<ApiKey> keys;
    const auto tables = reader.tables("keys");
    for (const SettingTable& table : tables) {
        if (auto key = read_api_key(table, reader)) keys.push_back(std::move(*key));
    }
    if (tables.empty()) reader.complain("keys", "is required: public_key and private_key of each");
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<BraintreeProvider>(std::move(keys));
}

}  // namespace postern::verifiers
