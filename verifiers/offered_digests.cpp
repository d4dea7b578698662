#include "verifiers/offered_digests.hpp"

#include "core/bytes.hpp"

namespace postern::verifiers {

std::optional<std::string> decode_digest(std::string_view text, DigestEncoding encoding) {
    return encoding == DigestEncoding::hex ? from_hex(text) : from_base64(text);
}

std::vector<std::string> offered_digests(std::string_view text, DigestEncoding encoding) {
    std::vector<std::string> digests;
    if (auto digest = decode_digest(text, encoding)) digests.push_back(std::move(*digest));
    return digests;
}

std::optional<std::vector<std::string>>
offered_digests(const SignedRequest& request, const DigestHeader& header) {
    std::optional<std::vector<std::string>> offered;
    for (const std::string_view value : request.fields.all(header.name)) {
        if (!value.empty()) {
            request.note(header.name, value);
            if (!offered) offered.emplace();
            auto digest = decode_digest(value, header.encoding);
            if (digest) offered->push_back(std::move(*digest));
        }
        if (header.repeated == RepeatedHeader::first_counts) break;
    }
    return offered;
}

}  // namespace postern::verifiers
