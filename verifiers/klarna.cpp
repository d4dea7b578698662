#include "verifiers/klarna.hpp"

#include "core/crypto.hpp"
#include "core/json_document.hpp"
#include "core/money.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/offered_digests.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/type_mapping.hpp"

#include <algorithm>
#include <array>

namespace postern::verifiers {
namespace {

constexpr std::string_view kKeyIdHeader = "klarna-signing-key-id";
constexpr std::string_view kSignatureHeader = "klarna-signature";

constexpr std::array kTypes = {
    TypeMapping{"payment.request.state-change.submitted", EventType::payment_created},
    TypeMapping{"payment.request.state-change.authorized", EventType::payment_succeeded},
    TypeMapping{"payment.request.state-change.completed", EventType::payment_succeeded},
    TypeMapping{"payment.request.state-change.declined", EventType::payment_failed},
    TypeMapping{"payment.request.state-change.canceled", EventType::payment_canceled},
    TypeMapping{"payment.request.state-change.expired", EventType::payment_canceled},
    TypeMapping{"payment.dispute.state-change.initiated", EventType::dispute_created},
    TypeMapping{"payment.dispute.state-change.representment", EventType::dispute_updated},
    TypeMapping{"payment.dispute.state-change.pre-arbitration", EventType::dispute_updated},
    TypeMapping{"payment.dispute.state-change.arbitration", EventType::dispute_updated},
    TypeMapping{"payment.dispute.state-change.closed", EventType::dispute_closed},
};

struct SigningKey {
    std::string id;
    HmacKey key;
};

std::string_view dispute_outcome(std::string_view word) {
    if (word == "WON") return "won";
    if (word == "LOST") return "lost";
    return word;
}

void read_payment(JsonValue payload, UnifiedEvent& event) {
    event.gateway_payment_id = payload["payment_request_id"].string();
    event.merchant_reference = payload["payment_request_reference"].text();
    set_currency(event, payload["currency"].string());
    set_minor_amount(event, payload["amount"], iso_exponent(event.currency));
}

void read_dispute(JsonValue payload, UnifiedEvent& event) {
    const JsonValue details = payload["dispute_details"];
    event.gateway_dispute_id = payload["payment_dispute_id"].string();
    event.gateway_payment_id = payload["payment_transaction_id"].string();
    event.merchant_reference = payload["payment_transaction_reference"].text();
    event.reason = payload["dispute_reason"].string();
    if (event.type == EventType::dispute_closed) {
        event.outcome = dispute_outcome(payload["dispute_outcome"].string());
    }
    set_currency(event, details["currency"].string());
    set_minor_amount(event, details["dispute_amount"], iso_exponent(event.currency));
}

std::optional<UnifiedEvent> unify(std::string_view klarna_type, JsonValue root) {
    const auto type = mapped_type(kTypes, klarna_type);
    if (!type) return std::nullopt;
    const JsonValue metadata = root["metadata"];
    UnifiedEvent event{.type = *type, .gateway_livemode = metadata["live"].boolean()};
    read_occurred_at(event, metadata["occurred_at"]);
    if (subject_of(*type) == EventSubject::dispute) {
        read_dispute(root["payload"], event);
    } else {
        read_payment(root["payload"], event);
    }
    return event;
}

// Klarna names the key that signed, so one HMAC is enough however many keys are configured.
class KlarnaProvider final : public Provider {
 public:
    explicit KlarnaProvider(std::vector<SigningKey> keys) : keys_{std::move(keys)} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const std::string_view key_id = request.fields.value_or_empty(kKeyIdHeader);
        if (key_id.empty()) return VerifyFailure::missing_header;
        const auto offered = offered_digests(request, {.name = kSignatureHeader});
        if (!offered) return VerifyFailure::missing_header;
        if (request.body.empty()) return VerifyFailure::malformed;
        request.note(kKeyIdHeader, key_id);
        const auto key =
            std::find_if(keys_.begin(), keys_.end(), [key_id](const SigningKey& candidate) {
                return candidate.id == key_id;
            });
        if (key == keys_.end()) return VerifyFailure::unknown_key;
        request.note("signed text", "<raw body>, HMAC-SHA256 with the key of that id, hex");
        const std::string expected = key->key.sign({request.body});
        for (const std::string& digest : *offered) {
            if (!equal_in_constant_time(expected, digest)) continue;
            return Verified{.key_index = static_cast<std::size_t>(key - keys_.begin())};
        }
        return VerifyFailure::bad_signature;
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue metadata = document->root()["metadata"];
        const std::string_view type = metadata["event_type"].string();
        Normalised normalised;
        normalised.account = metadata["subject_account_id"].string();
        normalised.events.push_back(ProviderEvent{
            .id = std::string{metadata["event_id"].string()},
            .type = std::string{type},
            .unified = unify(type, document->root())});
        return normalised;
    }

 private:
    std::vector<SigningKey> keys_;
};

// One entry of signing_keys; what is wrong with it is complained about under its number.
void read_key(SettingsReader& reader, const SettingTable& table, std::vector<SigningKey>& keys) {
    SettingsReader entry{table, "number " + std::to_string(keys.size() + 1)};
    std::string id = entry.required_text("id");
    const std::string key = required_secret(entry, "key");
    for (const SigningKey& other : keys) {
        if (other.id == id) entry.complain("id", "is there twice");
    }
    for (const std::string& complaint : entry.finish()) reader.complain("signing_keys", complaint);
    keys.push_back(SigningKey{std::move(id), HmacKey{HashAlgorithm::sha256, key}});
}

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_klarna(const SettingTable& settings) {
    SettingsReader reader{settings, "klarna"};
    std::vector<SigningKey> keys;
    for (const SettingTable& table : reader.tables("signing_keys")) read_key(reader, table, keys);
    if (keys.empty()) reader.complain("signing_keys", "is required: a list of tables {id, key}");
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<KlarnaProvider>(std::move(keys));
}

}  // namespace postern::verifiers
