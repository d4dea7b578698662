#include "payments/dialects/rcommerce/errors.hpp"

#include <gtest/gtest.h>

namespace postern::payments::rcommerce {
namespace {

struct Case {
    Refusal refusal;
    ErrorCode code;
    std::string_view field;  // of the first detail; empty: none
};

const Case kCases[] = {
    {{.reason = Reason::not_found, .what = "payment_intent"}, ErrorCode::payment_not_found, ""},
    {{.reason = Reason::not_found, .what = "dispute"}, ErrorCode::dispute_not_found, ""},
    {{.reason = Reason::not_found, .what = "refund"}, ErrorCode::not_found, ""},
    {{.reason = Reason::not_found, .what = "customer"}, ErrorCode::not_found, ""},
    {{.reason = Reason::not_found, .what = "payment_method"}, ErrorCode::not_found, ""},
    {{.reason = Reason::not_found, .what = "payout"}, ErrorCode::not_found, ""},
    {{.reason = Reason::reference_missing, .parameter = "customer", .what = "customer"},
     ErrorCode::validation_error,
     "customer_id"},
    {{.reason = Reason::reference_missing, .parameter = "payment_method", .what = "payment_method"},
     ErrorCode::invalid_payment_method,
     "payment_method"},
    {{.reason = Reason::parameter_missing, .parameter = "amount"},
     ErrorCode::validation_error,
     "amount"},
    {{.reason = Reason::parameter_invalid, .parameter = "card[exp_month]"},
     ErrorCode::validation_error,
     "card.exp_month"},
    {{.reason = Reason::parameter_invalid}, ErrorCode::validation_error, ""},
    {{.reason = Reason::amount_invalid}, ErrorCode::invalid_amount, "amount"},
    {{.reason = Reason::amount_too_small}, ErrorCode::invalid_amount, "amount"},
    {{.reason = Reason::amount_too_large}, ErrorCode::invalid_amount, "amount"},
    {{.reason = Reason::currency_invalid}, ErrorCode::invalid_currency, "currency"},
    {{.reason = Reason::currency_unsupported}, ErrorCode::invalid_currency, "currency"},
    {{.reason = Reason::card_number_invalid},
     ErrorCode::invalid_payment_method,
     "payment_method.card.number"},
    {{.reason = Reason::card_expired}, ErrorCode::expired_card, "payment_method.card.exp_year"},
    {{.reason = Reason::gateway_not_found}, ErrorCode::gateway_not_found, ""},
    {{.reason = Reason::method_not_usable}, ErrorCode::invalid_payment_method, "payment_method"},
    {{.reason = Reason::method_type_unsupported},
     ErrorCode::invalid_payment_method,
     "payment_method.type"},
    {{.reason = Reason::unexpected_status}, ErrorCode::conflict, ""},
    {{.reason = Reason::already_captured}, ErrorCode::already_captured, ""},
    {{.reason = Reason::already_canceled}, ErrorCode::conflict, ""},
    {{.reason = Reason::capture_over_hold, .parameter = "amount_to_capture"},
     ErrorCode::invalid_amount,
     "amount"},
    {{.reason = Reason::nothing_captured}, ErrorCode::conflict, ""},
    {{.reason = Reason::already_refunded}, ErrorCode::already_refunded, ""},
    {{.reason = Reason::refund_too_large}, ErrorCode::refund_amount_invalid, "amount"},
    {{.reason = Reason::refund_not_positive}, ErrorCode::refund_amount_invalid, "amount"},
    {{.reason = Reason::charge_disputed}, ErrorCode::conflict, ""},
    {{.reason = Reason::dispute_closed}, ErrorCode::conflict, ""},
    {{.reason = Reason::methods_max}, ErrorCode::conflict, ""},
    {{.reason = Reason::customers_max}, ErrorCode::conflict, ""},
    {{.reason = Reason::authentication_missing}, ErrorCode::conflict, ""},
};

TEST(RcommerceRefusals, GivesEachReasonItsCodeAndField) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(static_cast<int>(test_case.refusal.reason));
        SCOPED_TRACE(test_case.refusal.what);
        for (const Language language : {Language::english, Language::chinese}) {
            const Fault fault = fault_of(test_case.refusal, language);
            EXPECT_EQ(fault.code, test_case.code);
            const std::string field = fault.details.empty() ? "" : fault.details.front().field;
            EXPECT_EQ(field, test_case.field);
        }
    }
}

TEST(RcommerceRefusals, SpeaksTheCallersLanguage) {
    const Fault fault = fault_of({.reason = Reason::nothing_captured}, Language::chinese);
    EXPECT_EQ(fault.message, "支付尚未捕获，无法退款；请改为取消支付。");
    const Fault limit = fault_of({.reason = Reason::amount_too_small}, Language::chinese);
    EXPECT_EQ(limit.details.front().message, "不能小于 0.50");
}

TEST(RcommerceRefusals, KnowsEveryReason) {
    const auto last = static_cast<int>(Reason::authentication_missing);
    for (int i = 0; i <= last; ++i) {
        SCOPED_TRACE(i);
        const Refusal refusal{.reason = static_cast<Reason>(i), .parameter = "x", .what = "y"};
        const Fault fault = fault_of(refusal, Language::english);
        EXPECT_NE(fault, Fault{.code = ErrorCode::conflict});  // what no row knows
    }
}

}  // namespace
}  // namespace postern::payments::rcommerce
