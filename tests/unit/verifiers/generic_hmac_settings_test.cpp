#include "verifiers/generic_hmac_settings.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

TEST(GenericHmacSettings, AsksForSecretsAndNothingElse) {
    const auto read = read_generic_hmac_settings(settings_of(R"({"secrets":["long-enough"]})"));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->secrets, std::vector<std::string>{"long-enough"});
    EXPECT_EQ(read->algorithm, HashAlgorithm::sha256);
    EXPECT_EQ(read->encoding, DigestEncoding::hex);
    EXPECT_EQ(read->format, SignatureFormat::plain);
    EXPECT_EQ(read->signature_header, "X-Signature");
    EXPECT_EQ(read->signed_payload, "{body}");
    EXPECT_EQ(read->tolerance, std::chrono::seconds{300});
    EXPECT_EQ(read->acknowledgement, std::nullopt);
}

struct Case {
    const char* settings;  // beside the secrets
    const char* complaint;
};

const Case kCases[] = {
    {R"("algorithm":"md5")", "algorithm must be one of sha1 sha256 sha512"},
    {R"("encoding":"base32")", "encoding must be one of hex base64"},
    {R"("secret_encoding":"hex")", "secrets number 1 is not hex"},
    {R"("secret_encoding":"rot13")", "secret_encoding must be one of utf8 hex base64"},
    {R"("signature_format":"jws")", "signature_format must be one of plain kv"},
    {R"("signature_header":"")", "signature_header must not be empty"},
    {R"("signature_header":"X Signature:")", "signature_header must be letters"},
    {R"("signature_key":"")", "signature_key must not be empty"},
    {R"("timestamp_unit":"us")", "timestamp_unit must be one of s ms"},
    {R"("tolerance_seconds":0)", "tolerance_seconds must be a whole number from 1"},
    {R"("signed_payload":"{timestamp}")", "signed_payload must hold {body} exactly once"},
    {R"("signed_payload":"{nonce}{body}")", "signed_payload may hold only"},
    {R"("signed_payload":"{timestamp}.{body}")", "timestamp_header is required"},
    {R"("timestamp_header":"X-Time")", "timestamp_header proves nothing"},
    {R"("signed_payload":"{id}.{body}")", "id_header is required"},
    {R"("signed_payload":"{url}{body}")", "notification_url is required"},
    {R"("notification_url":"/hook")", "notification_url must be the whole URL"},
    {R"("event":{"type_map":{"a":"b"}})", "which is not an event type of ours"},
    {R"("event":{"id":"$"})", "must lead to a member"},
    {R"("ack_status":410)", "ack_status must be a whole number from 200 to 299"},
    {R"("ack_status":204,"ack_body":"ok")", "ack_body cannot be sent"},
    {R"("ack_content_type":"text/plain\r\nX: y")", "ack_content_type must be one line"},
    {R"("algoritm":"sha1")", "did you mean algorithm?"},
};

TEST(GenericHmacSettings, RefusesWhatCouldNeverWork) {
    for (const Case& test_case : kCases) {
        const std::string json =
            std::string{R"({"secrets":["long-enough"],)"} + test_case.settings + "}";
        const auto read = read_generic_hmac_settings(settings_of(json));
        ASSERT_FALSE(read.has_value()) << json;
        EXPECT_NE(read.error().message.find(test_case.complaint), std::string::npos)
            << json << ": " << read.error().message;
    }
}

TEST(GenericHmacSettings, TakesAnAnswerOfTheOperators) {
    const auto read = read_generic_hmac_settings(
        settings_of(R"({"secrets":["long-enough"],"ack_status":202,"ack_body":"OK"})")
    );
    ASSERT_TRUE(read.has_value());
    const ProviderReply reply{
        .status = 202, .content_type = "text/plain; charset=utf-8", .body = "OK"};
    EXPECT_EQ(read->acknowledgement, reply);
}

}  // namespace
}  // namespace postern::verifiers
