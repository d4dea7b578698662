#include "verifiers/static_authorization.hpp"

#include "core/crypto.hpp"
#include "verifiers/secret_settings.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kHeader = "authorization";

}  // namespace

bool StaticAuthorization::is_missing(const SignedRequest& request) const {
    return !expected_.empty() && request.fields.value_or_empty(kHeader).empty();
}

bool StaticAuthorization::is_right(const SignedRequest& request) const {
    if (expected_.empty()) return true;
    // Digests are compared, so that not even the length of the expected text can be timed.
    const std::string offered = sha256(request.fields.value_or_empty(kHeader));
    return equal_in_constant_time(sha256(expected_), offered);
}

StaticAuthorization static_authorization_setting(SettingsReader& reader) {
    return StaticAuthorization{optional_secret(reader, "authorization")};
}

}  // namespace postern::verifiers
