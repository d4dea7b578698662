#include "verifiers/coinbase.hpp"

#include "core/json_document.hpp"
#include "verifiers/body_hmac.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/type_mapping.hpp"

#include <array>

namespace postern::verifiers {
namespace {

constexpr BodyHmacScheme kScheme = {
    .header = {.name = "x-cc-webhook-signature"},
    .algorithm = HashAlgorithm::sha256,
    .signed_text = "<raw body>, HMAC-SHA256 with the shared secret, hex"};

// charge:pending is seen on the chain and not final; charge:delayed was paid too late and waits
// for a human, whose decision comes as charge:resolved.
constexpr std::array kTypes = {
    TypeMapping{"charge:created", EventType::payment_created},
    TypeMapping{"charge:confirmed", EventType::payment_succeeded},
    TypeMapping{"charge:resolved", EventType::payment_succeeded},
    TypeMapping{"charge:failed", EventType::payment_failed},
};

std::string_view last_timeline_word(JsonValue timeline) {
    if (timeline.size() == 0) return {};
    const JsonValue last = timeline[timeline.size() - 1];
    return first_text(last["context"], last["status"]);
}

std::optional<UnifiedEvent> unify(std::string_view coinbase_type, JsonValue sent) {
    const auto type = mapped_type(kTypes, coinbase_type);
    if (!type) return std::nullopt;
    const JsonValue charge = sent["data"];
    const JsonValue price = charge["pricing"]["local"];
    UnifiedEvent event{.type = *type};
    event.gateway_payment_id = charge["code"].string();
    set_currency(event, price["currency"].string());
    set_decimal_amount(event, price["amount"].text());
    event.merchant_reference =
        first_text(charge["metadata"]["order_id"], charge["metadata"]["order"]);
    if (*type == EventType::payment_failed) event.reason = last_timeline_word(charge["timeline"]);
    read_occurred_at(event, sent["created_at"]);
    return event;
}

class CoinbaseProvider final : public Provider {
 public:
    explicit CoinbaseProvider(std::span<const std::string> secrets)
        : signature_{kScheme, secrets} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        return signature_.verify(request);
    }

    // The envelope counts attempts, so it and its signature change on every retry; the id of the
    // event within does not.
    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document) return NormaliseFailure::malformed;
        const JsonValue sent = document->root()["event"];
        if (!sent.is_object()) return NormaliseFailure::malformed;
        const std::string_view type = sent["type"].string();
        Normalised normalised;
        normalised.events.push_back(ProviderEvent{
            .id = std::string{sent["id"].string()},
            .type = std::string{type},
            .unified = unify(type, sent)});
        return normalised;
    }

 private:
    BodyHmac signature_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_coinbase(const SettingTable& settings) {
    SettingsReader reader{settings, "coinbase"};
    const auto secrets = required_secrets(reader, "webhook_secrets");
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<CoinbaseProvider>(secrets);
}

}  // namespace postern::verifiers
