#include "daemon/commands/listen_delivery.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

constexpr std::int64_t kSentAt = 1'769'594'400;  // 2026-01-28T10:00:00Z
constexpr std::string_view kBody = R"({"type":"payment.succeeded"})";

class ListenDelivery : public testing::Test {
 protected:
    DeliveryVerdict judge(std::int64_t now) const {
        return judge_delivery(request_, keys_, from_unix_seconds(now));
    }
    void receive(std::string_view signature) {
        request_.body = kBody;
        request_.fields.clear();
        request_.fields.add({"webhook-id", "evt_1"});
        request_.fields.add({"webhook-timestamp", "1769594400"});
        request_.fields.add({"webhook-signature", signature});
    }

    dispatch::SigningKeys keys_{{{dispatch::make_endpoint_secret(), std::nullopt}}};
    std::string signature_ = keys_.standard_signature(
        {.id = "evt_1", .timestamp = kSentAt, .body = kBody},
        from_unix_seconds(kSentAt),
        nullptr
    );
    HttpRequest request_;
};

TEST_F(ListenDelivery, IsGenuineWithOneRightSignatureAmongSeveral) {
    receive(signature_);
    EXPECT_EQ(judge(kSentAt), DeliveryVerdict::genuine);
    const std::string several = "v1,AAAA " + signature_ + " v1a,BBBB";
    receive(several);
    EXPECT_EQ(judge(kSentAt + 300), DeliveryVerdict::genuine);
}

TEST_F(ListenDelivery, IsForgedWhenAnythingThatIsSignedDiffers) {
    receive("v1,AAAA");
    EXPECT_EQ(judge(kSentAt), DeliveryVerdict::forged);
    receive(signature_);
    request_.body = "{}";
    EXPECT_EQ(judge(kSentAt), DeliveryVerdict::forged);
}

TEST_F(ListenDelivery, IsTooOldAfterFiveMinutes) {
    receive(signature_);
    EXPECT_EQ(judge(kSentAt + 301), DeliveryVerdict::too_old);
    EXPECT_EQ(judge(kSentAt - 301), DeliveryVerdict::too_old);
}

TEST_F(ListenDelivery, NeedsItsHeaders) {
    EXPECT_EQ(judge(kSentAt), DeliveryVerdict::headers_missing);
    request_.fields.add({"webhook-id", "evt_1"});
    request_.fields.add({"webhook-signature", signature_});
    request_.fields.add({"webhook-timestamp", "99999999999999999"});
    EXPECT_EQ(judge(kSentAt), DeliveryVerdict::headers_missing);
}

TEST_F(ListenDelivery, IsALine) {
    receive(signature_);
    const TimePoint now = from_unix_seconds(kSentAt);
    SeenDelivery seen = seen_delivery(request_, DeliveryVerdict::genuine, now);
    EXPECT_EQ(
        line_of(seen, Colour::off), "10:00:00.000  200  payment.succeeded  evt_1  28 bytes\n"
    );
    seen.forwarded = SeenDelivery::Forwarded::failed;
    seen.answer = 502;
    EXPECT_EQ(
        line_of(seen, Colour::off),
        "10:00:00.000  502  payment.succeeded  evt_1  28 bytes  cannot be forwarded\n"
    );
    EXPECT_NE(line_of(seen, Colour::on).find("\x1b[31m502\x1b[0m"), std::string::npos);
}

TEST_F(ListenDelivery, IsRefusedAndSaysWhyWhenItIsNotGenuine) {
    receive("v1,AAAA");
    request_.body = "\x1b[2J";
    const TimePoint now = from_unix_seconds(kSentAt);
    const SeenDelivery seen = seen_delivery(request_, judge(kSentAt), now);
    EXPECT_EQ(seen.answer, 400);
    EXPECT_EQ(
        line_of(seen, Colour::off),
        "10:00:00.000  400  (no type)  evt_1  4 bytes  the signature is not ours\n"
    );
}

}  // namespace
}  // namespace postern::daemon::commands
