#include "dispatch/event_type_names.hpp"

#include <gtest/gtest.h>

namespace postern::dispatch {
namespace {

TEST(EventTypeNames, TakeOursStripesAndAMerchantsOwn) {
    for (const char* pattern :
         {"*",
          "payment.*",
          "payment.succeeded",
          "endpoint.*",
          "endpoint.disabled",
          "delivery.exhausted",
          "payment_intent.succeeded",
          "charge.dispute.created",
          "order.created",
          "order.*",
          "fund.created",
          "invoice.paid",
          "com.example.shop-1.basket_left",
          "ping"}) {
        EXPECT_FALSE(complaint_about_subscription(pattern).has_value())
            << pattern << ' ' << *complaint_about_subscription(pattern);
    }
}

struct Refusal {
    std::string pattern;
    const char* suggestion;
};

const Refusal kRefusals[] = {
    {"payment.succeded", "payment.succeeded?"},
    {"Payment.succeeded", "payment.succeeded?"},
    {"payment.cancelled", "payment.canceled?"},
    {"payments.succeeded", "payment.succeeded?"},
    {"payment.success", "payment.succeeded?"},
    {"payment_intent.succeded", "payment_intent.succeeded?"},
    {"payments.*", "payment.*?"},
    {"endpoint.disable", "endpoint.disabled?"},
    {"payment.**", "must be an event type"},
    {"*.succeeded", "must be an event type"},
    {"payment succeeded", "must be an event type"},
    {".*", "must be an event type"},
    {"", "must be an event type"},
    {std::string(129, 'x'), "must be an event type"},
};

TEST(EventTypeNames, RefuseWhatIsLikelyMisspelled) {
    for (const Refusal& refusal : kRefusals) {
        SCOPED_TRACE(refusal.pattern);
        const auto complaint = complaint_about_subscription(refusal.pattern);
        ASSERT_TRUE(complaint.has_value());
        EXPECT_NE(complaint->find(refusal.suggestion), std::string::npos) << *complaint;
    }
}

}  // namespace
}  // namespace postern::dispatch
