#include "verifiers/generic_hmac.hpp"

#include "core/bytes.hpp"
#include "verifiers/generic_hmac_settings.hpp"
#include "verifiers/samples/event_map_sample.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

std::string timestamp_text(const GenericHmacSettings& settings, const SampleWish& wish) {
    const std::int64_t count = settings.timestamp_unit == TimestampUnit::seconds
                                   ? unix_seconds(wish.now)
                                   : unix_milliseconds(wish.now);
    return std::to_string(count);
}

std::string signature_header(
    const GenericHmacSettings& settings,
    std::string_view timestamp,
    const std::string& digest
) {
    std::string value = settings.prefix;
    value += settings.encoding == DigestEncoding::hex ? to_hex(digest) : to_base64(digest);
    if (settings.format == SignatureFormat::plain) return value;
    std::string pairs = settings.timestamp_key;
    pairs += '=';
    pairs += timestamp;
    pairs += ',';
    pairs += settings.signature_key;
    pairs += '=';
    pairs += value;
    return pairs;
}

}  // namespace

// Signs as the operator's own description says, so that trying the description out needs no sender.
std::optional<SampleWebhook>
sample_generic_hmac(const SettingTable& settings, const SampleWish& wish) {
    const auto read = read_generic_hmac_settings(settings);
    if (!read) return std::nullopt;
    auto body = sample_body(read->events, wish);
    if (!body) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = std::move(*body);
    const std::string id = sample_id("evt_", wish);
    const std::string timestamp = timestamp_text(*read, wish);
    const auto frame =
        read->signed_text.fill({.timestamp = timestamp, .url = read->notification_url, .id = id});
    const HmacKey key{read->algorithm, read->secrets.front()};
    const std::string digest = key.sign({frame.before, webhook.body, frame.after});
    webhook.headers = {{"Content-Type", "application/json"}};
    if (!read->timestamp_header.empty()) {
        webhook.headers.emplace_back(read->timestamp_header, timestamp);
    }
    if (!read->id_header.empty()) webhook.headers.emplace_back(read->id_header, id);
    webhook.headers.emplace_back(
        read->signature_header, signature_header(*read, timestamp, digest)
    );
    return webhook;
}

SettingTable sandbox_settings_generic_hmac() {
    return {
        {"secrets", text_list({random_secret("")})},
        {"signed_payload", {std::string{"{timestamp}.{body}"}}},
        {"timestamp_header", {std::string{"X-Timestamp"}}},
    };
}

}  // namespace postern::verifiers
