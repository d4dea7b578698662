#include "verifiers/mollie.hpp"

#include "core/bytes.hpp"
#include "core/json_document.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"
#include "verifiers/type_mapping.hpp"

#include <array>

namespace postern::verifiers {
namespace {

constexpr std::string_view kSignatureHeader = "x-mollie-signature";
constexpr std::string_view kSignaturePrefix = "sha256=";
// Two during a rotation; more than this is somebody who makes us work.
constexpr std::size_t kSignaturesMax = 8;
constexpr std::string_view kApiHost = "api.mollie.com";
constexpr std::size_t kIdBytesMax = 64;

constexpr std::array kTypes = {
    TypeMapping{"payment.paid", EventType::payment_succeeded},
    TypeMapping{"payment-link.paid", EventType::payment_succeeded},
    TypeMapping{"payment.failed", EventType::payment_failed},
    TypeMapping{"payment.canceled", EventType::payment_canceled},
    TypeMapping{"payment.expired", EventType::payment_canceled},
    TypeMapping{"dispute.created", EventType::dispute_created},
    TypeMapping{"dispute.updated", EventType::dispute_updated},
    TypeMapping{"dispute.resolved", EventType::dispute_closed},
    TypeMapping{"payout.initiated", EventType::payout_created},
    TypeMapping{"payout.completed", EventType::payout_paid},
    TypeMapping{"payout.failed", EventType::payout_failed},
    TypeMapping{"payout.canceled", EventType::payout_failed},
};

void read_ids(std::string_view id, JsonValue entity, UnifiedEvent& event) {
    switch (subject_of(event.type)) {
        case EventSubject::payment: event.gateway_payment_id = id; break;
        case EventSubject::dispute:
            event.gateway_dispute_id = id;
            event.gateway_payment_id = entity["paymentId"].string();
            event.reason = first_text(entity["reason"], entity["reason"]["code"]);
            break;
        case EventSubject::payout: event.gateway_payout_id = id; break;
        case EventSubject::refund: break;  // Mollie announces none by itself
    }
}

// The entity may be missing: a "simple" subscription sends the id alone, and then the amount stays
// unknown.
UnifiedEvent unify(EventType type, std::string_view id, JsonValue entity) {
    UnifiedEvent event{.type = type};
    read_ids(id, entity, event);
    set_currency(event, entity["amount"]["currency"].string());
    set_decimal_amount(event, entity["amount"]["value"].string());
    event.merchant_reference = entity["metadata"]["order_id"].text();
    if (entity["mode"].is_string()) event.gateway_livemode = entity["mode"].string() == "live";
    if (type == EventType::payment_failed) {
        event.reason =
            first_text(entity["details"]["failureReason"], entity["statusReason"]["code"]);
    }
    if (type == EventType::dispute_closed) event.outcome = entity["status"].string();
    return event;
}

// Mollie writes lower case, and its own library compares the texts.
bool is_lower_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void add_offered(std::vector<std::string>& digests, std::string_view text) {
    if (text.starts_with(kSignaturePrefix)) text.remove_prefix(kSignaturePrefix.size());
    if (text.empty() || !is_lower_hex(text)) return;
    if (auto digest = from_hex(text)) digests.push_back(std::move(*digest));
}

// Every digest of every header of that name: for a day after a rotation there are two headers,
// which a proxy may have joined by a comma.
std::vector<std::string> offered_digests(const SignedRequest& request) {
    std::vector<std::string> digests;
    for (std::string_view rest : request.fields.all(kSignatureHeader)) {
        while (!rest.empty() && digests.size() < kSignaturesMax) {
            const auto comma = rest.find(',');
            add_offered(digests, trim_spaces(rest.substr(0, comma)));
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    }
    return digests;
}

// Signed by header; the body says what happened.
class NextGenMollieProvider final : public Provider {
 public:
    explicit NextGenMollieProvider(std::span<const std::string> secrets)
        : secrets_{HashAlgorithm::sha256, secrets} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        bool sent = false;
        for (const std::string_view header : request.fields.all(kSignatureHeader)) {
            request.note("X-Mollie-Signature", header);
            sent = sent || !trim_spaces(header).empty();
        }
        // Mollie's library takes a missing header for a classic webhook; here it would be a
        // forgery.
        if (!sent) return VerifyFailure::missing_header;
        if (request.body.empty()) return VerifyFailure::malformed;
        request.note("signed text", "<raw body>, HMAC-SHA256 with the signing secret, hex");
        const auto key = secrets_.match({request.body}, offered_digests(request));
        if (!key) return VerifyFailure::bad_signature;
        return Verified{.key_index = *key};
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        const std::string_view mollie_type = root["type"].string();
        ProviderEvent event{
            .id = event_id_or_digest({.id = root["id"].string(), .sent = request.body}),
            .type = std::string{mollie_type}};
        if (const auto type = mapped_type(kTypes, mollie_type)) {
            const JsonValue entity = root["_embedded"]["entity"];
            event.unified = unify(*type, first_text(root["entityId"], entity["id"]), entity);
            read_occurred_at(*event.unified, root["createdAt"]);
        }
        Normalised normalised;
        normalised.events.push_back(std::move(event));
        return normalised;
    }

 private:
    SharedSecrets secrets_;
};

// "tr_WDqYK6vllg": what goes into a URL must be exactly that.
bool is_mollie_id(std::string_view id) {
    constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
    constexpr std::string_view letters_and_digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const auto underscore = id.find('_');
    if (underscore == std::string_view::npos || id.size() > kIdBytesMax) return false;
    const std::string_view prefix = id.substr(0, underscore);
    const std::string_view rest = id.substr(underscore + 1);
    return !prefix.empty() && !rest.empty()
           && prefix.find_first_not_of(lower) == std::string_view::npos
           && rest.find_first_not_of(letters_and_digits) == std::string_view::npos;
}

// The id that a classic webhook names, if there is exactly one thing it can mean.
std::optional<std::string> announced_id(const SignedRequest& request) {
    const auto form = parse_form(request.body);
    if (!form) return std::nullopt;
    std::optional<std::string> id;
    for (const auto& [name, value] : *form) {
        if (name != "id") continue;
        if (id || !is_mollie_id(value)) return std::nullopt;
        id = value;
    }
    return id;
}

bool is_unknown_to_mollie(const FetchedDocument& document) {
    return document.status == 404 || document.status == 410;
}

bool is_some_money(JsonValue amount) {
    return amount["value"].string().find_first_of("123456789") != std::string_view::npos;
}

std::string joined(std::string_view first, std::string_view second) {
    std::string text{first};
    text += ':';
    text += second;
    return text;
}

// Refunds and chargebacks come as the same id with the same status. Their sums make an event of
// their own, outside the vocabulary: the payment alone does not say which refund it was.
void add_taken_back(Normalised& normalised, JsonValue payment) {
    struct Sum {
        std::string_view field;
        std::string_view type;
    };
    for (const Sum& sum :
         {Sum{"amountRefunded", "payment.refunded"},
          Sum{"amountChargedBack", "payment.charged_back"}}) {
        const JsonValue amount = payment[sum.field];
        if (!is_some_money(amount)) continue;
        std::string id = joined(payment["id"].string(), sum.field);
        id = joined(id, amount["value"].string());
        normalised.events.push_back(ProviderEvent{
            .id = std::move(id), .type = std::string{sum.type}, .unified = {}});
    }
}

// Not signed at all: the body is only a hint to go and ask Mollie, whose answer over TLS is the
// proof. Nothing but the id is taken from the request.
class ClassicMollieProvider final : public Provider {
 public:
    explicit ClassicMollieProvider(std::string_view api_key) : authorization_{"Bearer "} {
        authorization_ += api_key;
    }

    std::optional<Fetch> fetch_needed(const SignedRequest& request) const override {
        const auto id = announced_id(request);
        if (!id) return std::nullopt;
        std::string url = "https://";
        url += kApiHost;
        url += "/v2/payments/";
        url += *id;
        return Fetch{
            .url = std::move(url),
            .authorization = authorization_,
            .keep = Fetch::Keep::never,
            .allowed_hosts = {std::string{kApiHost}}};
    }

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const auto id = announced_id(request);
        if (!id) return VerifyFailure::malformed;
        request.note("unsigned webhook, to be confirmed by reading", *id);
        if (request.fetched == nullptr) return VerifyFailure::bad_signature;
        request.note("Mollie's answer", std::to_string(request.fetched->status));
        // A success for ids that do not exist, so that nobody can find out which do.
        if (is_unknown_to_mollie(*request.fetched)) return Verified{};
        if (request.fetched->status == 401 || request.fetched->status == 403) {
            return VerifyFailure::unknown_key;  // it is our API key that Mollie does not take
        }
        if (request.fetched->status != 200) return VerifyFailure::bad_signature;
        const auto document = JsonDocument::parse(request.fetched->body);
        if (!document || document->root()["id"].string() != *id) return VerifyFailure::malformed;
        return Verified{};
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        if (request.fetched == nullptr) return NormaliseFailure::malformed;
        if (is_unknown_to_mollie(*request.fetched)) return Normalised{};
        const auto document = JsonDocument::parse(request.fetched->body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue payment = document->root();
        const std::string_view id = payment["id"].string();
        const std::string_view status = payment["status"].string();
        ProviderEvent event{.id = joined(id, status), .type = "payment." + std::string{status}};
        if (const auto type = mapped_type(kTypes, event.type)) {
            event.unified = unify(*type, id, payment);
            read_occurred_at(*event.unified, payment[std::string{status} + "At"]);
        }
        Normalised normalised;
        normalised.account = payment["profileId"].string();
        normalised.events.push_back(std::move(event));
        add_taken_back(normalised, payment);
        return normalised;
    }

 private:
    std::string authorization_;
};

// API keys begin by saying for which side they are, access tokens of an app with "access_". What
// else the text may hold is limited because it goes into a header.
bool is_api_key(std::string_view key) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    const bool known_prefix =
        key.starts_with("test_") || key.starts_with("live_") || key.starts_with("access_");
    return known_prefix && !key.ends_with('_')
           && key.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_mollie(const SettingTable& settings) {
    SettingsReader reader{settings, "mollie"};
    // "sandbox" and "live" are the gateway's own mode and say nothing about the kind of webhook.
    const std::string mode =
        reader.one_of("mode", {"classic", "next-gen", "sandbox", "live"}, "live");
    const auto secrets = optional_secrets(reader, "signing_secrets");
    const std::string api_key = reader.text("api_key", {});
    const bool classic = mode == "classic" || (mode != "next-gen" && secrets.empty());
    if (!classic && secrets.empty()) {
        reader.complain("signing_secrets", "is required and must not be empty");
    }
    if (classic && api_key.empty()) {
        reader.complain("api_key", "is required, or signing_secrets for next-gen webhooks");
    } else if (!api_key.empty() && !is_api_key(api_key)) {
        reader.complain("api_key", "must begin with test_, live_ or access_");
    }
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    if (classic) return std::make_unique<ClassicMollieProvider>(api_key);
    return std::make_unique<NextGenMollieProvider>(secrets);
}

}  // namespace postern::verifiers
