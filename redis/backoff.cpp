#include "redis/backoff.hpp"

#include "core/crypto.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace postern::redis {
namespace {

constexpr std::size_t kDoublingsMax = 20;

std::uint32_t seed() {
    const std::string bytes = random_bytes(sizeof(std::uint32_t));
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

}  // namespace

Backoff::Backoff(Bounds bounds) : bounds_{bounds}, chance_{seed()} {}

std::chrono::milliseconds Backoff::next() {
    const auto doublings = static_cast<int>(std::min(tries_++, kDoublingsMax));
    const auto whole = std::min(bounds_.first * (std::int64_t{1} << doublings), bounds_.longest);
    std::uniform_int_distribution<std::int64_t> part{whole.count() / 2, whole.count()};
    return std::chrono::milliseconds{part(chance_)};
}

}  // namespace postern::redis
