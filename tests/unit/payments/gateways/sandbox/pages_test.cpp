#include "payments/gateways/sandbox/pages.hpp"

#include "tests/unit/payments/service/service_fixture.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

TEST(ReturnLocation, TellsTheShopWhatBecameOfIt) {
    struct ReturnCase {
        std::string_view return_url;
        ActionOutcome outcome;
        std::string_view before;
        std::string_view after;
    };
    constexpr ReturnCase cases[] = {
        {"https://shop.example/done",
         ActionOutcome::succeeded,
         "https://shop.example/done?",
         "&redirect_status=succeeded"},
        {"https://shop.example/done?a=1",
         ActionOutcome::failed,
         "https://shop.example/done?a=1&",
         "&redirect_status=failed"},
        {"https://shop.example/done?",
         ActionOutcome::abandoned,
         "https://shop.example/done?",
         "&redirect_status=failed"},
        {"https://shop.example/?a=1#top",
         ActionOutcome::succeeded,
         "https://shop.example/?a=1&",
         "&redirect_status=succeeded#top"},
        {"myapp://paid", ActionOutcome::succeeded, "myapp://paid?", "&redirect_status=succeeded"},
    };
    const IdCodec ids{SipKey{1, 2}};
    Payment payment;
    payment.id = PaymentId{9};
    payment.client_secret = "abc";
    const std::string intent = stripe_id(ids, payment.id);
    for (const ReturnCase& test_case : cases) {
        std::string expected{test_case.before};
        expected += "payment_intent=" + intent;
        expected += "&payment_intent_client_secret=" + intent + "_secret_abc";
        expected += test_case.after;
        const ReturnTrip trip{test_case.return_url, test_case.outcome};
        EXPECT_EQ(return_location(payment, ids, trip), expected);
    }
}

class SandboxPagesTest : public ServiceTest {
 protected:
    struct Request {
        std::string_view method;
        std::string body = {};
    };
    HttpReply ask(std::string_view action, const Request& asked) {
        HttpRequest request{.method = asked.method, .body = asked.body};
        const Call call{
            .around = around_,
            .request = request,
            .path = {std::string{action}},
            .caller = {},
            .now = clock_.now()};
        const Route* route = nullptr;
        for (const Route& candidate : sandbox_page_routes()) {
            if (candidate.method == asked.method) route = &candidate;
        }
        Plan plan = route->plan(call);
        if (auto* reply = std::get_if<HttpReply>(&plan)) return std::move(*reply);
        if (auto* reading = std::get_if<ReadPlan>(&plan))
            return read((*reading)(strangers_books()));
        // The daemon knows no owner of a request without a key.
        return read(write([&](storage::Transaction& transaction) {
            Work work{transaction, around_, keeping_door_, {}, {}};
            return std::get<WritePlan>(plan).run(work);
        }));
    }
    Books strangers_books() { return {connection(), around_, {}}; }

    FullPayment challenged(std::string return_url = {}) {
        PaymentDraft asked = draft({.card = kChallengedCard});
        asked.details.return_url = std::move(return_url);
        return done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
    }
    static std::string page_of(const FullPayment& full) {
        const std::string& url = full.payment.next_action->url;
        return url.substr(url.rfind('/') + 1);
    }
    static std::string field(const HttpReply& reply, std::string_view name) {
        for (const HttpReplyField& one : reply.fields) {
            if (one.name == name) return one.value;
        }
        return {};
    }
};

TEST_P(SandboxPagesTest, ShowTheCustomerWhatIsAsked) {
    const FullPayment full = challenged();
    const HttpReply reply = ask(page_of(full), {"GET"});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.content_type, "text/html; charset=utf-8");
    EXPECT_NE(reply.body.find("10.00 USD"), std::string::npos);
    EXPECT_TRUE(field(reply, "Content-Security-Policy").starts_with("default-src 'none'; "));
    EXPECT_EQ(field(reply, "Cache-Control"), "no-store");
}

TEST_P(SandboxPagesTest, SendTheCustomerBackToTheShop) {
    const FullPayment full = challenged("https://shop.example/done");
    const HttpReply reply = ask(page_of(full), {"POST", "outcome=succeeded"});
    EXPECT_EQ(reply.status, 303);
    const std::string location = field(reply, "Location");
    EXPECT_TRUE(location.starts_with("https://shop.example/done?payment_intent=pi_"));
    EXPECT_TRUE(location.ends_with("&redirect_status=succeeded"));
    EXPECT_EQ(stored(full.payment.id).payment.status, PaymentStatus::succeeded);
}

TEST_P(SandboxPagesTest, AnswerByThemselvesWhenThereIsNowhereToGo) {
    const FullPayment full = challenged();
    const HttpReply reply = ask(page_of(full), {"POST", "outcome=failed"});
    EXPECT_EQ(reply.status, 200);
    EXPECT_NE(reply.body.find("Declined"), std::string::npos);
    EXPECT_EQ(stored(full.payment.id).payment.status, PaymentStatus::requires_payment_method);
}

TEST_P(SandboxPagesTest, AreUsedOnce) {
    const FullPayment full = challenged();
    EXPECT_EQ(ask(page_of(full), {"POST", "outcome=abandoned"}).status, 200);
    EXPECT_EQ(ask(page_of(full), {"POST", "outcome=succeeded"}).status, 410);
    EXPECT_EQ(ask(page_of(full), {"GET"}).status, 410);
    EXPECT_EQ(stored(full.payment.id).payment.status, PaymentStatus::requires_payment_method);
}

TEST_P(SandboxPagesTest, AreGoneWhenTheirTimeIsUp) {
    const FullPayment full = challenged();
    clock_.at += std::chrono::minutes{30};
    const HttpReply shown = ask(page_of(full), {"GET"});
    EXPECT_EQ(shown.status, 410);
    EXPECT_NE(shown.body.find("Time is up"), std::string::npos);
    EXPECT_EQ(stored(full.payment.id).payment.status, PaymentStatus::requires_action);
    EXPECT_EQ(ask(page_of(full), {"POST", "outcome=succeeded"}).status, 410);
    EXPECT_EQ(stored(full.payment.id).payment.status, PaymentStatus::requires_payment_method);
}

TEST_P(SandboxPagesTest, RefuseWhatTheyDoNotUnderstand) {
    const FullPayment full = challenged();
    for (const std::string_view body : {"", "outcome=", "outcome=paid", "x=y", "outcome=%zz"}) {
        EXPECT_EQ(ask(page_of(full), {"POST", std::string{body}}).status, 400) << body;
    }
    EXPECT_EQ(stored(full.payment.id).payment.status, PaymentStatus::requires_action);
    for (const std::string_view action :
         {"", "act_1", "act_00000000-0000-7000-8000-000000000000"}) {
        EXPECT_EQ(ask(action, {"GET"}).status, 404) << action;
        EXPECT_EQ(ask(action, {"POST", "outcome=succeeded"}).status, 404) << action;
    }
}

TEST_P(SandboxPagesTest, KeepAShopsAddressInItsHeader) {
    const FullPayment full = challenged("https://shop.example/a b\r\nX: y/\xc3\xbc");
    const HttpReply reply = ask(page_of(full), {"POST", "outcome=succeeded"});
    EXPECT_TRUE(
        field(reply, "Location").starts_with("https://shop.example/a%20b%0d%0aX:%20y/%c3%bc?")
    );
}

INSTANTIATE_TEST_SUITE_P(
    Drivers,
    SandboxPagesTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
