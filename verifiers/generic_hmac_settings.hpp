#pragma once

#include "core/crypto.hpp"
#include "core/settings.hpp"
#include "verifiers/event_map.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/offered_digests.hpp"
#include "verifiers/provider.hpp"
#include "verifiers/signed_text_template.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace postern::verifiers {

enum class SignatureFormat {
    plain,      // the header is prefix and digest
    key_value,  // "t=<timestamp>,v1=<digest>[,v1=<digest>…]"
};

// How one sender signs, as its operator described it.
struct GenericHmacSettings {
    std::vector<std::string> secrets;  // decoded
    HashAlgorithm algorithm = HashAlgorithm::sha256;
    DigestEncoding encoding = DigestEncoding::hex;
    std::string prefix;
    SignatureFormat format = SignatureFormat::plain;
    std::string timestamp_key;  // of the key_value format
    std::string signature_key;
    std::string signature_header;
    std::string timestamp_header;  // empty: none
    std::string id_header;         // empty: none
    TimestampUnit timestamp_unit = TimestampUnit::seconds;
    std::chrono::seconds tolerance{0};
    std::string notification_url;
    std::string signed_payload;  // as written, for a trace
    SignedTextTemplate signed_text;
    EventMap events;
    std::optional<ProviderReply> acknowledgement;
};

Result<GenericHmacSettings, Complaint> read_generic_hmac_settings(const SettingTable& settings);

}  // namespace postern::verifiers
