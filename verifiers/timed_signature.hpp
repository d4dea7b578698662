#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::verifiers {

// "t=<unix seconds>,v1=<hex>[,v1=<hex>…]", Stripe's header grammar, which others copied. Parts of
// other names are skipped; digests that are not hex stay out, for they can match nothing.
struct TimedSignature {
    std::string_view timestamp_text;  // as sent: it is part of what was signed
    TimePoint signed_at;
    std::vector<std::string> digests;  // raw bytes
};

struct TimedSignatureKeys {
    std::string_view timestamp = "t";
    std::string_view digest = "v1";
};

// nullopt: no timestamp, one that is no number, or no digest of that name.
std::optional<TimedSignature>
parse_timed_signature(std::string_view header, TimedSignatureKeys keys = {});

}  // namespace postern::verifiers
