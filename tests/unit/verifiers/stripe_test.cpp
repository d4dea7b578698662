#include "verifiers/stripe.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::string_view kBody = R"({"id":"evt_1","type":"payment_intent.created"})";

std::string digest(std::string_view secret, std::string_view timestamp) {
    return to_hex(HmacKey{HashAlgorithm::sha256, secret}.sign({timestamp, ".", kBody}));
}

// {good} and {other} stand for digests under a known and an unknown secret, {old} for the second
// configured secret; all over the timestamp in the header.
std::string filled(std::string header) {
    const auto start = header.find("t=");
    const std::string timestamp =
        start == std::string::npos ? ""
                                   : header.substr(start + 2, header.find(',', start) - start - 2);
    const std::pair<std::string, std::string> marks[] = {
        {"{good}", digest("whsec_new", timestamp)},
        {"{old}", digest("whsec_old", timestamp)},
        {"{other}", digest("whsec_other", timestamp)}};
    for (const auto& [mark, value] : marks) {
        for (auto at = header.find(mark); at != std::string::npos; at = header.find(mark)) {
            header.replace(at, mark.size(), value);
        }
    }
    return header;
}

struct Case {
    const char* name;
    const char* header;
    std::optional<VerifyFailure> failure;
};

const Case kCases[] = {
    {"accepts a right signature", "t=1700000000,v1={good}", std::nullopt},
    {"accepts the older secret", "t=1700000000,v1={old}", std::nullopt},
    {"accepts either of two digests", "t=1700000000,v1={other},v1={good}", std::nullopt},
    {"accepts parts in another order", "v1={good},t=1700000000", std::nullopt},
    {"accepts exactly the tolerance", "t=1699999700,v1={good}", std::nullopt},
    {"ignores an empty digest", "t=1700000000,v1=,v1={good}", std::nullopt},
    {"rejects no header", "", VerifyFailure::missing_header},
    {"rejects a header without v1", "t=1700000000", VerifyFailure::malformed},
    {"rejects another scheme alone", "t=1700000000,v0={good}", VerifyFailure::malformed},
    {"rejects a timestamp in words", "t=now,v1={good}", VerifyFailure::malformed},
    {"rejects a foreign digest", "t=1700000000,v1={other}", VerifyFailure::bad_signature},
    {"rejects a digest that is no hex", "t=1700000000,v1=zz", VerifyFailure::bad_signature},
    {"rejects one second too old",
     "t=1699999699,v1={good}",
     VerifyFailure::timestamp_out_of_tolerance},
    {"rejects one second too new",
     "t=1700000301,v1={good}",
     VerifyFailure::timestamp_out_of_tolerance},
};

TEST(StripeProvider, DecidesEveryHeaderShape) {
    const SettingTable settings{
        {"webhook_secrets",
         {SettingList{
             SettingValue{std::string{"whsec_new"}}, SettingValue{std::string{"whsec_old"}}}}}};
    const auto provider = make_stripe(settings);
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const std::string header = test_case.header[0] == 'v'
                                       ? "v1=" + digest("whsec_new", "1700000000") + ",t=1700000000"
                                       : filled(test_case.header);
        HttpFields fields;
        fields.add({"Stripe-Signature", header});
        const SignedRequest request{
            .method = "POST",
            .fields = fields,
            .body = kBody,
            .received_at = from_unix_seconds(kNow)};
        const auto verdict = (*provider)->verify(request);
        if (!test_case.failure) {
            EXPECT_TRUE(verdict.has_value());
        } else {
            ASSERT_FALSE(verdict.has_value());
            EXPECT_EQ(to_text(verdict.error()), to_text(*test_case.failure));
        }
    }
}

TEST(StripeProvider, RefusesSettingsItDoesNotKnow) {
    const auto provider = make_stripe({{"webhook_secret", {std::string{"whsec_secret"}}}});
    ASSERT_FALSE(provider.has_value());
    EXPECT_NE(provider.error().message.find("did you mean webhook_secrets?"), std::string::npos);
}

// What withholds money and what does not is told apart by it.
TEST(StripeProvider, SaysHowADisputeStandsUnlessItBeginsAsAllDo) {
    struct Row {
        const char* type;
        const char* status;
        const char* outcome;
    };
    const Row rows[] = {
        {"created", "needs_response", ""},
        {"created", "warning_needs_response", "warning_needs_response"},
        {"created", "lost", "lost"},
        {"updated", "needs_response", "needs_response"},
        {"updated", "under_review", "under_review"},
        {"funds_reinstated", "won", "won"},
        {"closed", "warning_closed", "warning_closed"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(std::string{row.type} + ' ' + row.status);
        const std::string body = std::string{R"({"id":"evt_1","type":"charge.dispute.)"} + row.type
                                 + R"(","data":{"object":{"id":"dp_1","status":")" + row.status
                                 + R"("}}})";
        const auto event = normalise_stripe_event(body);
        ASSERT_TRUE(event.has_value() && event->events.front().unified.has_value());
        EXPECT_EQ(event->events.front().unified->outcome, row.outcome);
    }
}

}  // namespace
}  // namespace postern::verifiers
