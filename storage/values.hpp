#pragma once

#include "core/crypto.hpp"

#include <compare>
#include <cstdint>
#include <string_view>

namespace postern::storage {

// Stored numbers: new values are added at the end only.
enum class Livemode : std::uint8_t { test, live };
enum class Verdict : std::uint8_t { verified, unrecognised, malformed, duplicate };
// A secret key may do everything, a restricted one may read, and a publishable one may be shown to
// the world.
enum class KeyKind : std::uint8_t { secret, restricted, publishable };

std::string_view to_text(Verdict verdict);

// A gateway instance as rows name it: short, because every row and index entry carries it.
struct GatewayNumber {
    std::int64_t value = 0;
    auto operator<=>(const GatewayNumber&) const = default;
};

// Random, made with the store and never changed: public ids and dedupe keys depend on them.
struct StoreKeys {
    SipKey ids;
    SipKey dedupe;
};

}  // namespace postern::storage
