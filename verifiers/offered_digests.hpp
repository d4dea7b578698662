#pragma once

#include "verifiers/provider.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The digests that a sender offers as proof, as raw bytes. One that does not decode stays out, for
// it can match nothing.
namespace postern::verifiers {

enum class DigestEncoding { hex, base64 };

std::optional<std::string> decode_digest(std::string_view text, DigestEncoding encoding);

// Of a text that is one digest: none or one.
std::vector<std::string> offered_digests(std::string_view text, DigestEncoding encoding);

enum class RepeatedHeader {
    any_counts,    // a proxy may have doubled it, and any digest that matches proves the body
    first_counts,  // the provider sends exactly one
};

struct DigestHeader {
    std::string_view name;
    DigestEncoding encoding = DigestEncoding::hex;
    RepeatedHeader repeated = RepeatedHeader::any_counts;
};

// nullopt: no such field, or nothing in what counts of it.
std::optional<std::vector<std::string>>
offered_digests(const SignedRequest& request, const DigestHeader& header);

}  // namespace postern::verifiers
