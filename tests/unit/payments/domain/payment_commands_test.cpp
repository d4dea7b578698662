#include "payments/domain/payment.hpp"
#include "tests/unit/payments/domain/payment_testing.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

using enum PaymentStatus;
using enum PaymentFault;

struct CommandCase {
    PaymentStatus status;
    std::optional<PaymentFault> confirm;
    std::optional<PaymentFault> capture;
    std::optional<PaymentFault> cancel;
    std::optional<PaymentFault> change_amount;
    std::optional<PaymentFault> choose_method;
};

TEST(PaymentCommands, AreAllowedWhereThePaymentStands) {
    constexpr auto kFine = std::nullopt;
    constexpr auto kNo = unexpected_status;
    const CommandCase cases[] = {
        {requires_payment_method, method_missing, kNo, kFine, kFine, kFine},
        {requires_confirmation, kFine, kNo, kFine, kFine, kFine},
        {requires_action, kNo, kNo, kFine, kNo, kNo},
        {processing, kNo, kNo, kFine, kNo, kNo},
        {requires_capture, kNo, kFine, kFine, kNo, kNo},
        {succeeded, kNo, already_captured, already_captured, kNo, kNo},
        {canceled, kNo, already_canceled, already_canceled, kNo, kNo},
    };
    for (const CommandCase& test_case : cases) {
        SCOPED_TRACE(to_text(test_case.status));
        const Payment payment = payment_at(test_case.status);
        EXPECT_EQ(why_not_confirm(payment), test_case.confirm);
        EXPECT_EQ(why_not_capture(payment, kAmount), test_case.capture);
        EXPECT_EQ(why_not_cancel(payment), test_case.cancel);
        EXPECT_EQ(why_not_change_amount(payment, 500), test_case.change_amount);
        EXPECT_EQ(why_not_choose_method(payment), test_case.choose_method);
    }
}

struct AmountCase {
    std::int64_t minor;
    std::optional<PaymentFault> fault;
};

TEST(PaymentCommands, TakeAmountsBetweenTheLimits) {
    const AmountCase cases[] = {
        {INT64_MIN, amount_invalid},
        {-50, amount_invalid},
        {0, amount_invalid},
        {1, amount_too_small},
        {49, amount_too_small},
        {50, std::nullopt},
        {99'999'999, std::nullopt},
        {100'000'000, amount_too_large},
        {INT64_MAX, amount_too_large},
    };
    for (const AmountCase& test_case : cases) {
        SCOPED_TRACE(test_case.minor);
        EXPECT_EQ(why_not_amount(test_case.minor), test_case.fault);
        const Payment payment = payment_at(requires_confirmation);
        EXPECT_EQ(why_not_change_amount(payment, test_case.minor), test_case.fault);
    }
}

TEST(PaymentCommands, CaptureNoMoreThanIsHeld) {
    const AmountCase cases[] = {
        {-1, amount_invalid},
        {0, amount_invalid},
        {1, std::nullopt},
        {kAmount, std::nullopt},
        {kAmount + 1, amount_over_capturable},
    };
    for (const AmountCase& test_case : cases) {
        SCOPED_TRACE(test_case.minor);
        EXPECT_EQ(why_not_capture(payment_at(requires_capture), test_case.minor), test_case.fault);
    }
}

TEST(PaymentCommands, ANewMethodIsANewTry) {
    Payment payment = failed_payment(kNoFunds);
    choose_method(payment, PaymentMethodId{7}, kNow);
    EXPECT_EQ(payment.status, requires_confirmation);
    EXPECT_EQ(payment.method, PaymentMethodId{7});
    EXPECT_EQ(payment.last_error, std::nullopt);
    EXPECT_EQ(impossible(payment), "");
}

}  // namespace
}  // namespace postern::payments
