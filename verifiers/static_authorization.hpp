#pragma once

#include "verifiers/provider.hpp"

#include <optional>
#include <string>

namespace postern::verifiers {

// A second defence beside the signature: the Authorization header that the merchant entered at the
// provider, sent unchanged with every webhook. Nothing is asked for while none is configured.
class StaticAuthorization {
 public:
    explicit StaticAuthorization(std::string expected) : expected_{std::move(expected)} {}

    bool is_missing(const SignedRequest& request) const;
    bool is_right(const SignedRequest& request) const;

 private:
    std::string expected_;  // the header's whole value, such as "Basic dXNlcjpwYXNz"
};

// The `authorization` setting; a short one is refused.
StaticAuthorization static_authorization_setting(SettingsReader& reader);

}  // namespace postern::verifiers
