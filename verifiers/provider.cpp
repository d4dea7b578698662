#include "verifiers/provider.hpp"

namespace postern::verifiers {

std::string_view to_text(VerifyFailure failure) {
    switch (failure) {
        case VerifyFailure::missing_header: return "missing_header";
        case VerifyFailure::malformed: return "malformed";
        case VerifyFailure::unknown_key: return "unknown_key";
        case VerifyFailure::bad_signature: return "bad_signature";
        case VerifyFailure::timestamp_out_of_tolerance: return "timestamp_out_of_tolerance";
    }
    return "malformed";
}

std::optional<Fetch> Provider::fetch_needed(const SignedRequest&) const {
    return std::nullopt;
}

std::optional<ProviderReply> Provider::challenge(const SignedRequest&) const {
    return std::nullopt;
}

std::optional<ProviderReply> Provider::acknowledgement(const SignedRequest&) const {
    return std::nullopt;
}

std::optional<ProviderReply> Provider::refusal(VerifyFailure) const {
    return std::nullopt;
}

bool Provider::is_probe(const SignedRequest&) const {
    return false;
}

}  // namespace postern::verifiers
