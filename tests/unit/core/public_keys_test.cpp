#include "core/bytes.hpp"
#include "core/crypto.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

std::string certificate_der() {
    const PrivateKey key = PrivateKey::generate_rsa_2048();
    const std::string pem = Certificate::make_self_signed_pem(
        key,
        {.common_name = "test.example",
         .not_before = from_unix_seconds(1'700'000'000),
         .not_after = from_unix_seconds(1'800'000'000)}
    );
    std::string base64;
    for (const char c : pem.substr(kBegin.size(), pem.find(kEnd) - kBegin.size())) {
        if (c != '\n') base64 += c;
    }
    return from_base64(base64).value_or("");
}

std::string to_pem(std::string_view der) {
    std::string pem{kBegin};
    const std::string base64 = to_base64(der);
    for (std::size_t at = 0; at < base64.size(); at += 64) {
        pem += '\n';
        pem += base64.substr(at, 64);
    }
    pem += '\n';
    pem += kEnd;
    pem += '\n';
    return pem;
}

TEST(Certificate, IsReadBackAsItWasMade) {
    const auto chain = Certificate::parse_chain(to_pem(certificate_der()));
    ASSERT_TRUE(chain.has_value());
    EXPECT_EQ(chain->front().common_name(), "test.example");
    EXPECT_EQ(chain->front().not_before(), from_unix_seconds(1'700'000'000));
    EXPECT_EQ(chain->front().not_after(), from_unix_seconds(1'800'000'000));
}

TEST(Certificate, IsRefusedWhenOneOfItsPartsCannotBeRead) {
    struct Case {
        const char* name;
        std::string_view found;
        std::size_t changed_at;  // within what was found
        char to;
    };
    const Case cases[] = {
        {"a month of 91 in the first time", {"\x17\x0d\x32\x33", 4}, 4, '9'},
        {"a letter in the last time", {"\x17\x0d\x32\x37", 4}, 5, 'x'},
        {"a key of no known kind", {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9}, 8, '\x7f'},
    };
    const std::string der = certificate_der();
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const auto at = der.find(test_case.found);
        ASSERT_NE(at, std::string::npos);
        std::string changed = der;
        changed[at + test_case.changed_at] = test_case.to;
        EXPECT_FALSE(Certificate::parse_chain(to_pem(changed)).has_value());
    }
}

}  // namespace
}  // namespace postern
