#include "verifiers/body_hmac.hpp"

#include "tests/unit/verifiers/body_hmac_attacks.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

template <HashAlgorithm algorithm>
class PlainProvider final : public Provider {
 public:
    explicit PlainProvider(std::span<const std::string> secrets)
        : signature_{
            {.header = {.name = "x-sign"}, .algorithm = algorithm, .signed_text = "body"},
            secrets} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        return signature_.verify(request);
    }
    Result<Normalised, NormaliseFailure> normalise(const SignedRequest&) const override {
        return Normalised{};
    }

 private:
    BodyHmac signature_;
};

template <HashAlgorithm algorithm>
Result<std::unique_ptr<Provider>, Complaint> make_plain(const SettingTable& settings) {
    SettingsReader reader{settings, "plain"};
    return std::make_unique<PlainProvider<algorithm>>(reader.required_texts("secrets"));
}

TEST(BodyHmac, DecidesEveryHeaderShapeWithEveryHash) {
    expect_body_hmac_verdicts(
        {make_plain<HashAlgorithm::sha1>, "secrets", "X-Sign", HashAlgorithm::sha1}
    );
    expect_body_hmac_verdicts(
        {make_plain<HashAlgorithm::sha256>, "secrets", "X-Sign", HashAlgorithm::sha256}
    );
    expect_body_hmac_verdicts(
        {make_plain<HashAlgorithm::sha512>, "secrets", "X-Sign", HashAlgorithm::sha512}
    );
}

class StepNames final : public VerifyTrace {
 public:
    void step(std::string_view what, std::string_view detail) override {
        steps += what;
        steps += '=';
        steps += detail;
        steps += ';';
    }
    std::string steps;
};

TEST(BodyHmac, ExplainsWithoutSecrets) {
    const std::vector<std::string> secrets{"secret-new"};
    const PlainProvider<HashAlgorithm::sha256> provider{secrets};
    StepNames trace;
    asked({{{"X-Sign", "abcd"}}, "{}"}, [&provider, &trace](SignedRequest request) {
        request.trace = &trace;
        return provider.verify(request);
    });
    EXPECT_EQ(trace.steps, "x-sign=abcd;signed text=body;");
}

TEST(BodyHmac, SignsWhatStandsBeforeTheBody) {
    const std::vector<std::string> secrets{"secret-new"};
    const BodyHmac signature{
        {.header = {.name = "x-sign", .encoding = DigestEncoding::base64}}, secrets, "prefix "};
    const HmacKey key{HashAlgorithm::sha256, "secret-new"};
    const auto verdict = [&signature](const std::string& digest) {
        return asked({{{"X-Sign", to_base64(digest)}}, "{}"}, [&signature](const auto& request) {
            const auto verified = signature.verify(request);
            return verified ? std::string{"ok"} : std::string{to_text(verified.error())};
        });
    };
    EXPECT_EQ(verdict(key.sign({"prefix ", "{}"})), "ok");
    EXPECT_EQ(verdict(key.sign({"{}"})), "bad_signature");
    EXPECT_EQ(verdict(key.sign({"prefix {}"}).substr(0, 16)), "bad_signature");
}

}  // namespace
}  // namespace postern::verifiers
