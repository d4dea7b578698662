#pragma once

#include "core/crypto.hpp"
#include "core/time.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::verifiers {

// The secrets of one gateway instance, several at once while a merchant rotates them.
class SharedSecrets {
 public:
    SharedSecrets(HashAlgorithm algorithm, std::span<const std::string> secrets);

    // Which secret made one of the offered digests (raw bytes), if any. Every pair is compared.
    std::optional<std::size_t> match(Pieces message, std::span<const std::string> offered_digests)
        const;

 private:
    std::vector<HmacKey> keys_;
};

// |received - signed| may equal the tolerance, not exceed it.
bool within_tolerance(TimePoint received_at, TimePoint signed_at, std::chrono::seconds tolerance);

}  // namespace postern::verifiers
