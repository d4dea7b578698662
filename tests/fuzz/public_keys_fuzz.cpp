#include "core/crypto.hpp"
#include "tests/fuzz/fuzz.hpp"

// Certificates come from a provider's server: strangers may write them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    if (const auto key = postern::PublicKey::parse(text)) {
        key->verify(postern::HashAlgorithm::sha256, {"message"}, text.substr(0, 256));
    }
    const auto chain = postern::Certificate::parse_chain(text);
    if (!chain) return 0;
    for (const auto& certificate : *chain) {
        certificate.common_name();
        certificate.serial_hex();
        certificate.not_before();
        certificate.not_after();
    }
    if (chain->empty()) return 0;
    chain_is_trusted(*chain, {}, postern::from_unix_seconds(1'700'000'000));
    return 0;
}
