#include "verifiers/afterpay.hpp"

#include "core/json_document.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/offered_digests.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"
#include "verifiers/type_mapping.hpp"

#include <array>

namespace postern::verifiers {
namespace {

constexpr std::string_view kDateHeader = "x-afterpay-request-date";
constexpr std::string_view kSignatureHeader = "x-afterpay-request-signature";

// Closed disputes come as "updated" too: the event says only that something changed.
constexpr std::array kTypes = {
    TypeMapping{"created", EventType::dispute_created},
    TypeMapping{"updated", EventType::dispute_updated},
};

struct AfterpaySettings {
    std::vector<std::string> secrets;
    std::string notification_url;
    std::chrono::seconds tolerance;
};

// Signed is "<the URL that Afterpay was told>\n<date as sent>\n<raw body>". The URL is taken from
// the settings: a Host header is the sender's to choose, and proxies rewrite it.
class AfterpayProvider final : public Provider {
 public:
    explicit AfterpayProvider(AfterpaySettings settings)
        : secrets_{HashAlgorithm::sha256, settings.secrets},
          notification_url_{std::move(settings.notification_url)},
          tolerance_{settings.tolerance} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const std::string_view date = request.fields.value_or_empty(kDateHeader);
        if (date.empty() || request.fields.value_or_empty(kSignatureHeader).empty()) {
            return VerifyFailure::missing_header;
        }
        request.note(kDateHeader, date);
        const auto signed_at = parse_unix_time(date, TimestampUnit::seconds);
        if (!signed_at || request.body.empty()) return VerifyFailure::malformed;
        const auto offered = offered_digests(
            request, {.name = kSignatureHeader, .encoding = DigestEncoding::base64}
        );
        request.note("signed text", "<url>\\n<date>\\n<raw body>, HMAC-SHA256, base64");
        request.note("url", notification_url_);
        const auto key =
            secrets_.match({notification_url_, "\n", date, "\n", request.body}, *offered);
        if (!key) return VerifyFailure::bad_signature;
        if (!within_tolerance(request.received_at, *signed_at, tolerance_)) {
            return VerifyFailure::timestamp_out_of_tolerance;
        }
        return Verified{.key_index = *key};
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        ProviderEvent event{
            .id = std::string{root["webhook_event_id"].text()},
            .type = std::string{root["webhook_event_type"].string()},
            .unified = std::nullopt};
        if (const auto type = mapped_type(kTypes, event.type)) {
            event.unified = UnifiedEvent{.type = *type};
            event.unified->gateway_dispute_id = root["dispute_id"].text();
            event.unified->merchant_reference = root["merchant_reference"].text();
        }
        Normalised normalised;
        normalised.events.push_back(std::move(event));
        return normalised;
    }

 private:
    SharedSecrets secrets_;
    std::string notification_url_;
    std::chrono::seconds tolerance_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_afterpay(const SettingTable& settings) {
    SettingsReader reader{settings, "afterpay"};
    AfterpaySettings read{
        .secrets = required_secrets(reader, "webhook_secrets"),
        .notification_url = required_notification_url(reader),
        .tolerance = read_tolerance(reader)};
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<AfterpayProvider>(std::move(read));
}

}  // namespace postern::verifiers
