#include "payments/domain/paying_terms.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

using Capture = PayingTerms::Capture;
using Challenge = PayingTerms::Challenge;

struct Case {
    const char* name;
    CaptureMethod capture_method;
    const char* future_usage;
    const char* options;
    MethodType type;
    PayingTerms expected;
};

TEST(PayingTerms, AreThePaymentsUnlessItsOptionsSayOtherwise) {
    const Case cases[] = {
        {"nothing said", CaptureMethod::unset, "", "", MethodType::card, {}},
        {"the payment's own",
         CaptureMethod::manual,
         "on_session",
         "",
         MethodType::card,
         {.capture = Capture::later, .future_usage = "on_session"}},
        {"a card's own",
         CaptureMethod::automatic,
         "",
         R"({"card":{"capture_method":"manual","request_three_d_secure":"any",)"
         R"("setup_future_usage":"off_session"}})",
         MethodType::card,
         {Capture::later, Challenge::where_possible, "off_session"}},
        {"a card's, of no concern to a bank",
         CaptureMethod::automatic,
         "",
         R"({"card":{"capture_method":"manual","request_three_d_secure":"challenge"}})",
         MethodType::us_bank_account,
         {}},
        {"a challenge in any case",
         CaptureMethod::automatic,
         "",
         R"({"card":{"request_three_d_secure":"challenge"}})",
         MethodType::card,
         {.challenge = Challenge::always}},
        {"not to be kept, of this type",
         CaptureMethod::automatic,
         "off_session",
         R"({"customer_balance":{"setup_future_usage":"none"}})",
         MethodType::bank_transfer,
         {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        Payment payment;
        payment.capture_method = test_case.capture_method;
        payment.details.setup_future_usage = test_case.future_usage;
        payment.details.method_options = test_case.options;
        EXPECT_EQ(paying_terms(payment, test_case.type), test_case.expected);
    }
}

}  // namespace
}  // namespace postern::payments
