#include "payments/gateways/sandbox/page_text.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/payments/gateways/sandbox/orders.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

FullAction action_of(NextAction::Kind kind) {
    FullAction action;
    action.row = {.id = ActionId{77}, .kind = kind, .expires_at = kOrderedAt};
    Payment& payment = action.payment.payment;
    payment.id = PaymentId{5};
    payment.amount = {.minor = 1'999, .currency = *Currency::parse("usd")};
    payment.order_id = "order <7>";
    payment.details.description = "\"Tea\" & more";
    payment.next_action = NextAction{
        .kind = kind, .id = ActionId{77}, .qr_text = "http://127.0.0.1:8080/sandbox/actions/x"};
    action.payment.method = card_of(CardScenario::three_d_secure_required);
    return action;
}

bool holds(const std::string& page, std::string_view text) {
    return page.find(text) != std::string::npos;
}

TEST(SandboxPageText, OffersThreeWaysOnWithoutAnyScript) {
    for (const Language language : {Language::english, Language::chinese}) {
        const std::string page = action_page(action_of(NextAction::Kind::three_d_secure), language);
        EXPECT_TRUE(holds(page, "<form method=\"post\">"));
        for (const std::string_view outcome : {"succeeded", "failed", "abandoned"}) {
            std::string button = "name=\"outcome\" value=\"";
            button += outcome;
            EXPECT_TRUE(holds(page, button)) << outcome;
        }
        EXPECT_FALSE(holds(page, "<script"));
        EXPECT_FALSE(holds(page, "style=\""));
        EXPECT_TRUE(holds(page, "19.99 USD"));
        EXPECT_TRUE(holds(page, "4242"));
    }
}

TEST(SandboxPageText, ShowsAShopsTextAsText) {
    const std::string page =
        action_page(action_of(NextAction::Kind::three_d_secure), Language::english);
    EXPECT_TRUE(holds(page, "order &lt;7&gt;"));
    EXPECT_TRUE(holds(page, "&quot;Tea&quot; &amp; more"));
    EXPECT_FALSE(holds(page, "<7>"));
}

TEST(SandboxPageText, SpeaksTheReadersLanguage) {
    const FullAction action = action_of(NextAction::Kind::qr_code);
    const std::string english = action_page(action, Language::english);
    EXPECT_TRUE(holds(english, "<html lang=\"en\">"));
    EXPECT_TRUE(holds(english, "Pay with WeChat Pay"));
    const std::string chinese = action_page(action, Language::chinese);
    EXPECT_TRUE(holds(chinese, "<html lang=\"zh-CN\">"));
    EXPECT_TRUE(holds(chinese, "微信支付"));
}

TEST(SandboxPageText, DrawsACodeOnlyWhereOneIsScanned) {
    EXPECT_TRUE(holds(action_page(action_of(NextAction::Kind::qr_code), {}), "<svg "));
    EXPECT_FALSE(holds(action_page(action_of(NextAction::Kind::redirect), {}), "<svg "));
    FullAction long_one = action_of(NextAction::Kind::qr_code);
    long_one.payment.payment.next_action->qr_text.assign(1'000, 'x');
    EXPECT_FALSE(holds(action_page(long_one, {}), "<svg "));
}

TEST(SandboxPageText, HasANoticeForEveryEnd) {
    for (const Notice notice :
         {Notice::approved,
          Notice::declined,
          Notice::over,
          Notice::expired,
          Notice::unknown,
          Notice::not_understood}) {
        EXPECT_TRUE(holds(notice_page(notice, Language::english), "<h1>"));
        EXPECT_TRUE(holds(notice_page(notice, Language::chinese), "<h1>"));
    }
}

TEST(SandboxPageText, TellsTheHashOfTheStyleThatItHolds) {
    const std::string page = notice_page(Notice::over, Language::english);
    const auto begin = page.find("<style>") + 7;
    const std::string style = page.substr(begin, page.find("</style>") - begin);
    EXPECT_EQ(page_style_hash(), "sha256-" + to_base64(sha256(style)));
}

}  // namespace
}  // namespace postern::payments
