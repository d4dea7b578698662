#include "verifiers/timed_signature.hpp"

#include "core/bytes.hpp"
#include "core/http_message.hpp"
#include "verifiers/event_times.hpp"

namespace postern::verifiers {

std::optional<TimedSignature>
parse_timed_signature(std::string_view header, TimedSignatureKeys keys) {
    TimedSignature signature;
    bool digest_offered = false;
    while (!header.empty()) {
        const auto comma = header.find(',');
        const std::string_view part = trim_spaces(header.substr(0, comma));
        header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = part.substr(0, equals);
        const std::string_view value = part.substr(equals + 1);
        if (name == keys.timestamp) {
            signature.timestamp_text = value;
        } else if (name == keys.digest) {
            digest_offered = true;
            auto digest = from_hex(value);
            if (digest) signature.digests.push_back(std::move(*digest));
        }
    }
    const auto signed_at = parse_unix_time(signature.timestamp_text, TimestampUnit::seconds);
    if (!signed_at || !digest_offered) return std::nullopt;
    signature.signed_at = *signed_at;
    return signature;
}

}  // namespace postern::verifiers
