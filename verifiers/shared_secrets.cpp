#include "verifiers/shared_secrets.hpp"

namespace postern::verifiers {

SharedSecrets::SharedSecrets(HashAlgorithm algorithm, std::span<const std::string> secrets) {
    keys_.reserve(secrets.size());
    for (const std::string& secret : secrets) keys_.emplace_back(algorithm, secret);
}

std::optional<std::size_t>
SharedSecrets::match(Pieces message, std::span<const std::string> offered_digests) const {
    std::optional<std::size_t> matched;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        const std::string expected = keys_[i].sign(message);
        for (const std::string& offered : offered_digests) {
            if (equal_in_constant_time(expected, offered) && !matched) matched = i;
        }
    }
    return matched;
}

bool within_tolerance(TimePoint received_at, TimePoint signed_at, std::chrono::seconds tolerance) {
    const auto age = received_at - signed_at;
    return age <= tolerance && age >= -tolerance;
}

}  // namespace postern::verifiers
