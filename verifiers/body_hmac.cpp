#include "verifiers/body_hmac.hpp"

namespace postern::verifiers {

Result<Verified, VerifyFailure> BodyHmac::verify(const SignedRequest& request) const {
    const auto offered = offered_digests(request, scheme_.header);
    if (!offered) return VerifyFailure::missing_header;
    if (request.body.empty()) return VerifyFailure::malformed;
    request.note("signed text", scheme_.signed_text);
    const auto key = secrets_.match({before_body_, request.body}, *offered);
    if (!key) return VerifyFailure::bad_signature;
    return Verified{.key_index = *key};
}

}  // namespace postern::verifiers
