#pragma once

#include "verifiers/offered_digests.hpp"
#include "verifiers/provider.hpp"
#include "verifiers/shared_secrets.hpp"

#include <span>
#include <string>
#include <string_view>

namespace postern::verifiers {

// The plainest scheme of all, which many providers share: one header holds the HMAC of the raw
// body. There is no timestamp, so a replay is stopped by the event's id alone.
struct BodyHmacScheme {
    DigestHeader header;
    HashAlgorithm algorithm = HashAlgorithm::sha256;
    std::string_view signed_text;  // for a trace
};

class BodyHmac {
 public:
    // `before_body` is signed together with the body, ahead of it.
    BodyHmac(
        BodyHmacScheme scheme,
        std::span<const std::string> secrets,
        std::string before_body = {}
    )
        : scheme_{scheme},
          secrets_{scheme.algorithm, secrets},
          before_body_{std::move(before_body)} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const;

 private:
    BodyHmacScheme scheme_;
    SharedSecrets secrets_;
    std::string before_body_;
};

}  // namespace postern::verifiers
