#include "daemon/sandbox_mail.hpp"

#include "daemon/blocking_read.hpp"
#include "tests/unit/daemon/api_fixture.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

#include <gtest/gtest.h>

#include <mutex>

namespace postern::daemon {
namespace {

using payments::MessageRow;

payments::ProviderMessage message_of(EventType type, std::string unique) {
    payments::ProviderMessage message;
    message.event.type = type;
    message.event.gateway_payment_id = "pi_ours";
    message.event.amount = "12.34";
    message.event.currency = "USD";
    message.event.occurred_at = "2023-11-14T22:00:00.000Z";
    message.unique = std::move(unique);
    return message;
}

TEST(SandboxMailPauses, GrowAndThenStayAsTheyAre) {
    EXPECT_EQ(message_pause(0), std::chrono::seconds{1});
    EXPECT_EQ(message_pause(1), std::chrono::seconds{2});
    EXPECT_EQ(message_pause(5), std::chrono::seconds{32});
    EXPECT_EQ(message_pause(9), std::chrono::seconds{300});
    EXPECT_EQ(message_pause(1'000'000), std::chrono::seconds{300});
}

TEST(SandboxMailWish, SaysWhatTheMessageSaysAndNothingElse) {
    payments::ProviderMessage message = message_of(EventType::payment_failed, "0123456789abcdef");
    message.event.reason = "generic_decline";
    const auto now = from_unix_seconds(1'700'000'000);
    const verifiers::SampleWish wish = wish_of(message, now);
    EXPECT_EQ(wish.type, EventType::payment_failed);
    EXPECT_EQ(wish.gateway_payment_id, "pi_ours");
    EXPECT_EQ(wish.gateway_refund_id, std::nullopt);
    EXPECT_EQ(wish.merchant_reference, "");
    EXPECT_EQ(wish.reason, "generic_decline");
    EXPECT_EQ(wish.outcome, std::nullopt);
    EXPECT_EQ(wish.now, now);
    EXPECT_EQ(wish.occurred_at, from_iso8601("2023-11-14T22:00:00Z"));
}

// The receiver of the test: remembers what it was sent, and answers as it is told to.
struct Receiver {
    int status = 200;
    std::vector<PostRequest> requests;

    std::mutex mutex;  // lanes post beside each other

    Result<PostReply, Complaint> take(const PostRequest& request) {
        const std::lock_guard lock{mutex};
        requests.push_back(request);
        if (status == 0) return Complaint{"nobody listens"};
        return PostReply{.status = status};
    }
};

class SandboxMailTest : public ApiFixture {
 protected:
    SandboxMailTest() {
        const verifiers::ProviderKind* stripe = verifiers::find_provider_kind("stripe");
        const verifiers::ProviderKind* wechatpay = verifiers::find_provider_kind("wechatpay");
        SandboxVoices voices;
        voices[{1}] = {
            .gateway_id = "stripe-main", .kind = stripe, .settings = stripe_settings("whsec_test")};
        voices[{2}] = {
            .gateway_id = "wechat", .kind = wechatpay, .settings = wechatpay->sandbox_settings()};
        mail_ = std::make_unique<SandboxMail>(SandboxMail::Parts{
            .store = *store_,
            .clock = clock_,
            .voices = std::move(voices),
            .listener = {.url = {.host = "127.0.0.1", .port = "8080", .target = "/"}},
            .is_stopping = [this] { return stopping_; },
            .make_post =
                [this] {
                    return [this](const PostRequest& request) {
                        return receiver_.take(request);
                    };
                }});
    }

    void leave(const payments::ProviderMessage& message, std::int64_t gateway = 1) {
        change([&](storage::Transaction& transaction) -> StoreResult {
            MessageRow row{.gateway = {gateway}, .due_at = clock_.now() + message.delay};
            row.message = message;
            return payments::insert_message(transaction, row);
        });
    }
    std::vector<MessageRow> left() {
        std::vector<MessageRow> rows;
        const auto work = [this, &rows](storage::Connection& connection) -> StoreResult {
            const TimePoint far = clock_.now() + std::chrono::hours{24 * 30};
            auto due = payments::due_messages(connection, far, 1'000);
            if (!due) return due.error();
            rows = std::move(*due);
            return {};
        };
        EXPECT_TRUE(read_and_wait(*readers_, work).has_value());
        return rows;
    }

    Receiver receiver_;
    bool stopping_ = false;
    std::unique_ptr<SandboxMail> mail_;
};

TEST_F(SandboxMailTest, PostsWhatTheProviderWouldAndForgetsIt) {
    leave(message_of(EventType::payment_succeeded, "0123456789abcdef0123"));
    EXPECT_EQ(mail_->post_due(), 1U);
    EXPECT_TRUE(left().empty());
    ASSERT_EQ(receiver_.requests.size(), 1U);
    const PostRequest& request = receiver_.requests.front();
    EXPECT_EQ(request.url.target, "/api/v2/webhooks/stripe-main");
    EXPECT_EQ(request.url.port, "8080");
    HttpFields fields;
    for (const auto& [name, value] : request.headers) fields.add({name, value});
    const auto provider =
        verifiers::find_provider_kind("stripe")->make(stripe_settings("whsec_test"));
    const verifiers::SignedRequest posted{
        .method = request.method,
        .path = request.url.target,
        .fields = fields,
        .body = request.body,
        .received_at = clock_.now()};
    EXPECT_TRUE((*provider)->verify(posted).has_value());
    const auto events = (*provider)->normalise(posted);
    ASSERT_TRUE(events.has_value());
    EXPECT_EQ(events->events.front().unified->gateway_payment_id, "pi_ours");
}

TEST_F(SandboxMailTest, SaysNothingBeforeItsTime) {
    payments::ProviderMessage late = message_of(EventType::payout_paid, "0123456789abcdef0123");
    late.delay = std::chrono::milliseconds{3'000};
    leave(late);
    EXPECT_EQ(mail_->post_due(), 0U);
    const auto due = mail_->next_due();
    ASSERT_TRUE(due.has_value() && due->has_value());
    EXPECT_EQ(**due, clock_.now() + std::chrono::seconds{3});
    clock_.advance(std::chrono::seconds{3});
    EXPECT_EQ(mail_->post_due(), 1U);
    EXPECT_FALSE(mail_->next_due()->has_value());
}

TEST_F(SandboxMailTest, ComesAgainUntilItIsTaken) {
    leave(message_of(EventType::payment_succeeded, "0123456789abcdef0123"));
    for (const int refusal : {503, 0, 401}) {
        receiver_.status = refusal;
        EXPECT_EQ(mail_->post_due(), 0U);
        ASSERT_EQ(left().size(), 1U);
        EXPECT_EQ(mail_->post_due(), 0U);  // not yet
        clock_.advance(message_pause(left().front().tries));
    }
    EXPECT_EQ(left().front().tries, 3);
    receiver_.status = 204;
    EXPECT_EQ(mail_->post_due(), 1U);
    EXPECT_EQ(receiver_.requests.size(), 4U);
    EXPECT_TRUE(left().empty());
}

TEST_F(SandboxMailTest, KeepsWhatAGatewaySaysThatIsNotThereNow) {
    leave(message_of(EventType::payment_succeeded, "0123456789abcdef0123"), 99);
    EXPECT_EQ(mail_->post_due(), 0U);
    EXPECT_TRUE(receiver_.requests.empty());
    EXPECT_EQ(left().size(), 1U);
}

TEST_F(SandboxMailTest, DropsWhatTheProviderHasNoWordsFor) {
    leave(message_of(EventType::payment_canceled, "0123456789abcdef0123"), 2);
    EXPECT_EQ(mail_->post_due(), 0U);
    EXPECT_TRUE(left().empty());
    EXPECT_TRUE(receiver_.requests.empty());
}

TEST_F(SandboxMailTest, TakesTheOldestFirstAndAFewAtOnce) {
    for (int i = 0; i < 40; ++i) {
        leave(message_of(EventType::payment_succeeded, "0123456789abcdef" + std::to_string(i)));
    }
    EXPECT_EQ(mail_->post_due(), kMessagesAtOnce);
    EXPECT_NE(receiver_.requests.front().body.find("evt_0123456789abcdef0\""), std::string::npos);
    EXPECT_EQ(mail_->post_due(), 40 - kMessagesAtOnce);
}

TEST_F(SandboxMailTest, EndsBetweenTwoMessagesWhenItShall) {
    leave(message_of(EventType::payment_succeeded, "0123456789abcdef0123"));
    stopping_ = true;
    EXPECT_EQ(mail_->post_due(), 0U);
    EXPECT_EQ(left().size(), 1U);
    EXPECT_EQ(left().front().tries, 0);
}

TEST_F(SandboxMailTest, SurvivesARestart) {
    leave(message_of(EventType::payment_succeeded, "0123456789abcdef0123"));
    mail_.reset();
    reopen();
    EXPECT_EQ(left().size(), 1U);
}

TEST_F(SandboxMailTest, SaysInOrderWhatIsAboutOnePayment) {
    constexpr EventType said[] = {
        EventType::payment_created, EventType::payment_succeeded, EventType::payment_captured};
    for (const char payment : {'a', 'b', 'c', 'd', 'e', 'f'}) {
        for (const EventType type : said) {
            const std::string unique = std::string{payment} + std::string{to_text(type)};
            payments::ProviderMessage message = message_of(type, unique);
            message.event.gateway_payment_id = std::string{"pi_"} + payment;
            leave(message);
        }
    }
    EXPECT_EQ(mail_->post_due(), 18U);
    for (const char payment : {'a', 'b', 'c', 'd', 'e', 'f'}) {
        const std::string id = std::string{"pi_"} + payment;
        std::vector<std::string> types;
        for (const PostRequest& request : receiver_.requests) {
            if (request.body.find(id) == std::string::npos) continue;
            const auto document = JsonDocument::parse(request.body);
            ASSERT_TRUE(document.has_value());
            types.emplace_back(document->root()["type"].string());
        }
        EXPECT_EQ(
            types,
            (std::vector<std::string>{
                "payment_intent.created", "payment_intent.succeeded", "charge.captured"})
        ) << id;
    }
}

}  // namespace
}  // namespace postern::daemon
