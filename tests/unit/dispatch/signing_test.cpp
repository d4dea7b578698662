#include "dispatch/signing.hpp"

#include "core/bytes.hpp"

#include <gtest/gtest.h>

namespace postern::dispatch {
namespace {

// The vectors of the Standard Webhooks reference libraries.
constexpr std::string_view kFirstSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kSecondSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
constexpr std::string_view kKeyPair =
    "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
constexpr MessageToSign kMessage = {
    .id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
    .timestamp = 1614265330,
    .body = R"({"test": 2432232314})",
};
constexpr std::string_view kFirstSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr std::string_view kSecondSignature = "v1,78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44=";
constexpr std::string_view kAsymmetricSignature =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
constexpr TimePoint kNow = from_unix_seconds(1614265330);

EndpointSecret secret_of(std::string_view text, std::optional<TimePoint> expires_at = {}) {
    return {.secret = std::string{text}, .expires_at = expires_at};
}

std::string joined(std::string_view first, std::string_view second) {
    std::string text{first};
    text += ' ';
    text += second;
    return text;
}

AsymmetricKey known_key() {
    return AsymmetricKey::from_seed(from_base64(kKeyPair)->substr(0, 32));
}

TEST(Signing, AgreesWithTheReferenceLibraries) {
    const SigningKeys first{{secret_of(kFirstSecret)}};
    EXPECT_EQ(first.standard_signature(kMessage, kNow, nullptr), kFirstSignature);

    const SigningKeys second{{secret_of(kSecondSecret)}};
    const MessageToSign other{
        .id = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        .timestamp = 1649367553,
        .body = R"({"email":"test@example.com","username":"test_user"})"};
    EXPECT_EQ(
        second.standard_signature(other, kNow, nullptr),
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
    );
}

TEST(Signing, AddsTheAsymmetricSignatureBehindTheOthers) {
    const AsymmetricKey key = known_key();
    EXPECT_EQ(key.public_key_text(), "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
    const SigningKeys keys{{secret_of(kFirstSecret)}};
    EXPECT_EQ(
        keys.standard_signature(kMessage, kNow, &key), joined(kFirstSignature, kAsymmetricSignature)
    );
}

TEST(Signing, SignsWithEverySecretUntilItExpires) {
    const TimePoint end = kNow + std::chrono::seconds{1};
    const SigningKeys keys{{secret_of(kSecondSecret), secret_of(kFirstSecret, end)}};
    EXPECT_EQ(
        keys.standard_signature(kMessage, kNow, nullptr), joined(kSecondSignature, kFirstSignature)
    );
    EXPECT_EQ(keys.standard_signature(kMessage, end, nullptr), kSecondSignature);
    EXPECT_EQ(keys.newest().secret, kSecondSecret);
    EXPECT_EQ(
        keys.stripe_signature(kMessage, kNow),
        "t=1614265330"
        ",v1=95d993ff26ccd698cc4b6d4f2349bddca4f491f3067821823cd5b804f3aef1b6"
        ",v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964"
    );
    EXPECT_EQ(
        keys.stripe_signature(kMessage, end),
        "t=1614265330,v1=95d993ff26ccd698cc4b6d4f2349bddca4f491f3067821823cd5b804f3aef1b6"
    );
}

TEST(Signing, SignsTheBytesOfTheBodyWhateverTheyAre) {
    const SigningKeys keys{{secret_of(kFirstSecret)}};
    const std::string odd{"\0\xff\r\n{}", 6};
    MessageToSign message = kMessage;
    message.body = odd;
    const HmacKey key{HashAlgorithm::sha256, *from_base64(kFirstSecret.substr(6))};
    std::string expected = "v1,";
    expected += to_base64(key.sign({kMessage.id, ".1614265330.", odd}));
    EXPECT_EQ(keys.standard_signature(message, kNow, nullptr), expected);
}

TEST(Signing, MakesSecretsThatItTakes) {
    const std::string secret = make_endpoint_secret();
    EXPECT_TRUE(secret.starts_with("whsec_"));
    EXPECT_EQ(from_base64(std::string_view{secret}.substr(6))->size(), 32U);
    EXPECT_NE(secret, make_endpoint_secret());
    const auto parsed = parse_endpoint_secret(secret);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, secret);
}

struct SecretCase {
    std::string name;
    std::string text;
    std::optional<std::string> taken_as;
};

std::string whsec(std::size_t byte_count) {
    std::string text = "whsec_";
    text += to_base64(std::string(byte_count, 'k'));
    return text;
}

TEST(Signing, TakesOnlySecretsThatEveryLibraryReadsAlike) {
    const std::string unpadded = whsec(25).substr(0, whsec(25).find('='));
    const std::vector<SecretCase> cases = {
        {"the shortest", whsec(24), whsec(24)},
        {"the longest", whsec(75), whsec(75)},
        {"without the prefix", whsec(24).substr(6), whsec(24)},
        {"without padding", unpadded, unpadded},
        {"nothing", "", std::nullopt},
        {"a prefix alone", "whsec_", std::nullopt},
        {"one byte short", whsec(23), std::nullopt},
        {"one byte long", whsec(76), std::nullopt},
        {"the alphabet of URLs", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", std::nullopt},
        {"white space", whsec(24) + "\n", std::nullopt},
        {"the prefix twice", "whsec_" + whsec(24), std::nullopt},
        {"a private key", "whsk_" + whsec(64).substr(6), std::nullopt},
        {"bits behind the last byte", unpadded.substr(0, unpadded.size() - 1) + "x", std::nullopt},
    };
    for (const SecretCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const auto parsed = parse_endpoint_secret(test_case.text);
        EXPECT_EQ(parsed.has_value(), test_case.taken_as.has_value());
        if (parsed && test_case.taken_as) {
            EXPECT_EQ(*parsed, *test_case.taken_as);
        }
    }
}

TEST(Signing, KeepsTheSecretOutOfTheComplaint) {
    const auto parsed = parse_endpoint_secret("hunter2");
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().message.find("hunter2"), std::string::npos);
}

TEST(Signing, PublishesItsKeysAsAKeySet) {
    EXPECT_EQ(jwks_of({}), R"({"keys":[]})");
    EXPECT_EQ(
        jwks_of({std::make_shared<const AsymmetricKey>(known_key())}),
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA",)"
        R"("kid":"350075912e209ac6","x":"1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4"}]})"
    );
}

}  // namespace
}  // namespace postern::dispatch
