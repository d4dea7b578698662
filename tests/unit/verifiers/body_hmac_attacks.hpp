#pragma once

#include "core/money.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

// Every provider of the plain scheme must decide every shape of its header alike.
namespace postern::verifiers {

struct BodyHmacUnderTest {
    MakeProvider make;
    std::string_view secrets_key;
    std::string_view header;
    HashAlgorithm algorithm;
};

struct BodyHmacAttack {
    const char* name;
    std::vector<std::string> headers;
    std::string body;
    const char* verdict;
};

// One bit of the body or of the digest, wherever it is flipped, spoils the proof.
inline void expect_no_bit_is_free(const Provider& provider, const Posted& good) {
    for (std::size_t i = 0; i < good.body.size(); ++i) {
        Posted flipped = good;
        flipped.body = with_bit_flipped(good.body, i);
        EXPECT_EQ(verdict_of(provider, flipped), "bad_signature") << "body flipped at " << i;
    }
    for (std::size_t i = 0; i < good.headers.front().second.size(); ++i) {
        Posted flipped = good;
        flipped.headers.front().second = with_bit_flipped(good.headers.front().second, i);
        EXPECT_EQ(verdict_of(provider, flipped), "bad_signature") << "digest flipped at " << i;
    }
}

inline void expect_body_hmac_verdicts(const BodyHmacUnderTest& tested) {
    const std::string body = R"({"event":{},"events":[]})";
    const auto digest = [&tested](std::string_view secret, std::string_view text) {
        return to_hex(HmacKey{tested.algorithm, secret}.sign({text}));
    };
    const std::string good = digest("secret-new", body);
    const std::string base64 = to_base64(*from_hex(good));
    const std::vector<BodyHmacAttack> attacks = {
        {"accepts the first secret", {good}, body, "key 0"},
        {"accepts the older secret", {digest("secret-old", body)}, body, "key 1"},
        {"accepts upper case hex", {upper_case(good)}, body, "key 0"},
        {"accepts a doubled header when one is right", {std::string(8, '0'), good}, body, "key 0"},
        {"rejects no header", {}, body, "missing_header"},
        {"rejects an empty header", {""}, body, "missing_header"},
        {"rejects no header before it looks at the body", {}, "", "missing_header"},
        {"rejects an empty body, though signed", {digest("secret-new", "")}, "", "malformed"},
        {"rejects a foreign secret", {digest("secret-other", body)}, body, "bad_signature"},
        {"rejects base64", {base64}, body, "bad_signature"},
        {"rejects half a digest", {good.substr(0, good.size() / 2)}, body, "bad_signature"},
        {"rejects a digest and more", {good + "00"}, body, "bad_signature"},
        {"rejects a digest with a prefix", {"sha256=" + good}, body, "bad_signature"},
        {"rejects two in one header", {good + "," + good}, body, "bad_signature"},
        {"rejects a body with a space more", {good}, body + " ", "bad_signature"},
    };
    const auto provider =
        tested.make({{std::string{tested.secrets_key}, list_setting({"secret-new", "secret-old"})}}
        );
    ASSERT_TRUE(provider.has_value());
    for (const BodyHmacAttack& attack : attacks) {
        SCOPED_TRACE(attack.name);
        Posted posted{.headers = {}, .body = attack.body};
        for (const std::string& value : attack.headers) {
            posted.headers.emplace_back(tested.header, value);
        }
        EXPECT_EQ(verdict_of(**provider, posted), attack.verdict);
    }
    expect_no_bit_is_free(**provider, {{{std::string{tested.header}, good}}, body});
}

inline void expect_secrets_are_demanded(MakeProvider make, const std::string& secrets_key) {
    const std::string key = "\"" + secrets_key + "\"";
    EXPECT_NE(complaint_of(make, "{}").find(secrets_key + " is required"), std::string::npos);
    EXPECT_NE(complaint_of(make, "{" + key + ":[]}").find("is required"), std::string::npos);
    EXPECT_NE(complaint_of(make, "{" + key + ":[\"\"]}"), "none");
    EXPECT_NE(
        complaint_of(make, "{" + key + ":[\"long-enough\",\"short\"]}")
            .find("number 2 is too short"),
        std::string::npos
    );
    EXPECT_NE(
        complaint_of(make, "{" + key + ":[\"long-enough\"],\"secrte\":\"x\"}")
            .find("secrte is not a setting"),
        std::string::npos
    );
    EXPECT_EQ(complaint_of(make, "{" + key + ":\"long-enough\"}"), "none");
}

}  // namespace postern::verifiers
