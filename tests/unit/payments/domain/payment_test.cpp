#include "payments/domain/payment.hpp"

#include "tests/unit/payments/domain/payment_testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::payments {
namespace {

using enum PaymentStatus;
using enum Effect;

constexpr TimePoint kLater = from_unix_seconds(1'700'000'060);
constexpr PaymentStatus kStatuses[] = {
    requires_payment_method,
    requires_confirmation,
    requires_action,
    processing,
    requires_capture,
    succeeded,
    canceled,
};

struct FactCase {
    const char* name;
    PaymentStatus from;
    PaymentFact fact;
    Effect effect;
    PaymentStatus to;
};

const Captured kAll{kAmount};

void expect_case(const FactCase& test_case) {
    SCOPED_TRACE(test_case.name);
    Payment payment = payment_at(test_case.from);
    const Payment before = payment;
    EXPECT_EQ(apply(payment, test_case.fact, kLater), test_case.effect);
    EXPECT_EQ(payment.status, test_case.to);
    EXPECT_EQ(impossible(payment), "");
    if (test_case.effect != moved) {
        EXPECT_EQ(payment, before);
    }
    if (test_case.effect == moved) {
        EXPECT_EQ(payment.updated_at, kLater);
    }
}

TEST(PaymentMoves, ForwardByFactsAboutMoney) {
    const FactCase cases[] = {
        {"a hold from nothing", requires_payment_method, Authorized{}, moved, requires_capture},
        {"a hold", requires_confirmation, Authorized{}, moved, requires_capture},
        {"a hold after an action", requires_action, Authorized{}, moved, requires_capture},
        {"a hold after waiting", processing, Authorized{}, moved, requires_capture},
        {"the same hold", requires_capture, Authorized{}, already, requires_capture},
        {"a hold of money that was taken", succeeded, Authorized{}, stale, succeeded},
        {"a hold after a cancel", canceled, Authorized{}, stale, canceled},
        {"money from nothing", requires_payment_method, kAll, moved, succeeded},
        {"money", requires_confirmation, kAll, moved, succeeded},
        {"money after an action", requires_action, kAll, moved, succeeded},
        {"money after waiting", processing, kAll, moved, succeeded},
        {"money that was held", requires_capture, kAll, moved, succeeded},
        {"a part of what was held", requires_capture, Captured{1}, moved, succeeded},
        {"the same money", succeeded, kAll, already, succeeded},
        {"another sum than was taken", succeeded, Captured{1}, stale, succeeded},
        {"money after a cancel", canceled, kAll, stale, canceled},
        {"more than was agreed", processing, Captured{kAmount + 1}, stale, processing},
        {"no money", processing, Captured{0}, stale, processing},
        {"less than no money", processing, Captured{-1}, stale, processing},
    };
    for (const FactCase& test_case : cases) expect_case(test_case);
}

TEST(PaymentMoves, ForwardByFactsAboutSteps) {
    const ActionRequired hearsay{};
    const FactCase cases[] = {
        {"waiting from nothing", requires_payment_method, Processing{}, moved, processing},
        {"waiting", requires_confirmation, Processing{}, moved, processing},
        {"waiting after an action", requires_action, Processing{}, moved, processing},
        {"waiting as before", processing, Processing{}, already, processing},
        {"waiting for what is held", requires_capture, Processing{}, stale, requires_capture},
        {"waiting for what came", succeeded, Processing{}, stale, succeeded},
        {"waiting after a cancel", canceled, Processing{}, stale, canceled},
        {"an action from nothing",
         requires_payment_method,
         ActionRequired{page(1)},
         moved,
         requires_action},
        {"an action", requires_confirmation, ActionRequired{page(1)}, moved, requires_action},
        {"an action after silence", processing, ActionRequired{page(1)}, moved, requires_action},
        {"the same action", requires_action, ActionRequired{page(1)}, already, requires_action},
        {"another action", requires_action, ActionRequired{page(2)}, moved, requires_action},
        {"an action too late", requires_capture, ActionRequired{page(1)}, stale, requires_capture},
        {"an action after success", succeeded, ActionRequired{page(1)}, stale, succeeded},
        {"an action after a cancel", canceled, ActionRequired{page(1)}, stale, canceled},
        {"hearsay of an action", requires_confirmation, hearsay, moved, requires_action},
        {"hearsay of a known action", requires_action, hearsay, already, requires_action},
        {"hearsay of a step gone by", processing, hearsay, stale, processing},
        {"a passed action", requires_action, ActionPassed{}, moved, processing},
        {"a passed action again", processing, ActionPassed{}, already, processing},
        {"no action to pass", requires_confirmation, ActionPassed{}, stale, requires_confirmation},
        {"passed and held since", requires_capture, ActionPassed{}, stale, requires_capture},
        {"passed and paid since", succeeded, ActionPassed{}, stale, succeeded},
    };
    for (const FactCase& test_case : cases) expect_case(test_case);
}

TEST(PaymentMoves, ForwardByFactsAboutEnds) {
    const Declined no{kGenericDecline};
    const Canceled end{"duplicate"};
    const FactCase cases[] = {
        {"a first no", requires_payment_method, no, moved, requires_payment_method},
        {"a no", requires_confirmation, no, moved, requires_payment_method},
        {"a failed action", requires_action, no, moved, requires_payment_method},
        {"a no after waiting", processing, no, moved, requires_payment_method},
        {"a no to what is held", requires_capture, no, stale, requires_capture},
        {"a no to what was paid", succeeded, no, stale, succeeded},
        {"a no to what was canceled", canceled, no, stale, canceled},
        {"an end from nothing", requires_payment_method, end, moved, canceled},
        {"an end before a try", requires_confirmation, end, moved, canceled},
        {"an end of an action", requires_action, end, moved, canceled},
        {"an end of waiting", processing, end, moved, canceled},
        {"an end of a hold", requires_capture, end, moved, canceled},
        {"an end after success", succeeded, end, stale, succeeded},
        {"the same end for another reason", canceled, end, already, canceled},
    };
    for (const FactCase& test_case : cases) expect_case(test_case);
}

TEST(PaymentMoves, KeepWhatEachFactTells) {
    Payment payment = payment_at(requires_confirmation);
    ASSERT_EQ(apply(payment, ActionRequired{page(3)}, kLater), moved);
    EXPECT_EQ(payment.next_action, page(3));
    ASSERT_EQ(apply(payment, Authorized{}, kLater), moved);
    EXPECT_EQ(payment.capturable_minor, kAmount);
    ASSERT_EQ(apply(payment, Captured{2'500}, kLater), moved);
    EXPECT_EQ(payment.received_minor, 2'500);
    EXPECT_EQ(payment.capturable_minor, 0);
    EXPECT_EQ(payment.captured_at, kLater);

    Payment other = payment_at(requires_capture);
    ASSERT_EQ(apply(other, Canceled{"expired"}, kLater), moved);
    EXPECT_EQ(other.cancellation_reason, "expired");
    EXPECT_EQ(other.canceled_at, kLater);
    EXPECT_EQ(other.capturable_minor, 0);
}

TEST(PaymentMoves, ADeclineAsksForAMethodAgain) {
    Payment payment = payment_at(processing);
    const auto with_method = [tried = payment.method](PaymentError error) {
        error.method = tried;
        return error;
    };
    ASSERT_TRUE(payment.method.has_value());
    ASSERT_EQ(apply(payment, Declined{kNoFunds}, kLater), moved);
    EXPECT_EQ(payment.last_error, with_method(kNoFunds));
    EXPECT_EQ(payment.method, std::nullopt);
    EXPECT_TRUE(has_failed(payment));

    const PaymentError as_the_webhook_says_it{"card_declined", "", "Insufficient funds"};
    EXPECT_EQ(apply(payment, Declined{as_the_webhook_says_it}, kLater), already);
    EXPECT_EQ(payment.last_error, with_method(kNoFunds));
    EXPECT_EQ(apply(payment, Declined{kGenericDecline}, kLater), moved);
    EXPECT_EQ(payment.last_error, with_method(kGenericDecline)) << "of the same try";
}

TEST(PaymentMoves, TakeStepsOfAFailedTryForThePast) {
    const PaymentFact late[] = {
        Processing{}, ActionRequired{page(1)}, ActionRequired{}, ActionPassed{}};
    for (const PaymentFact& fact : late) {
        SCOPED_TRACE(fact.index());
        Payment payment = failed_payment(kNoFunds);
        EXPECT_EQ(apply(payment, fact, kLater), stale);
        EXPECT_EQ(payment, failed_payment(kNoFunds));
    }
    Payment retried = failed_payment(kNoFunds);
    choose_method(retried, PaymentMethodId{2}, kLater);
    EXPECT_EQ(apply(retried, Processing{}, kLater), moved);
    EXPECT_EQ(apply(retried, Declined{kNoFunds}, kLater), moved) << "the second try failed too";

    Payment paid_late = failed_payment(kNoFunds);
    EXPECT_EQ(apply(paid_late, kAll, kLater), moved) << "money is money";
    EXPECT_EQ(impossible(paid_late), "");
}

TEST(PaymentMoves, ByHandComeBackForAnotherConfirmation) {
    Payment payment = payment_at(requires_confirmation);
    payment.confirmation_method = ConfirmationMethod::manual;
    ASSERT_EQ(apply(payment, ActionRequired{page(1)}, kLater), moved);
    ASSERT_EQ(apply(payment, ActionPassed{}, kLater), moved);
    EXPECT_EQ(payment.status, requires_confirmation);
    EXPECT_EQ(why_not_confirm(payment), std::nullopt);
    EXPECT_EQ(apply(payment, ActionRequired{}, kLater), stale) << "the page was passed since";
    EXPECT_EQ(payment.status, requires_confirmation);

    Payment without_method = payment_at(requires_payment_method);
    without_method.confirmation_method = ConfirmationMethod::manual;
    ASSERT_EQ(apply(without_method, ActionRequired{}, kLater), moved);
    ASSERT_EQ(apply(without_method, ActionPassed{}, kLater), moved);
    EXPECT_EQ(impossible(without_method), "");
}

TEST(PaymentMoves, HearsayOfAnActionTakesNoPageAway) {
    Payment payment = payment_at(requires_action);
    EXPECT_EQ(apply(payment, ActionRequired{}, kLater), already);
    EXPECT_EQ(payment.next_action, page(1));
    Payment tried = payment_at(requires_confirmation);
    tried.latest_charge = ChargeId{1};
    EXPECT_EQ(apply(tried, ActionRequired{}, kLater), stale);
}

TEST(PaymentStatusText, IsReadAsItIsWritten) {
    for (const PaymentStatus status : kStatuses) {
        EXPECT_EQ(payment_status_from_text(to_text(status)), status);
    }
    EXPECT_EQ(to_text(requires_payment_method), "requires_payment_method");
    EXPECT_EQ(payment_status_from_text("refunded"), std::nullopt);
    EXPECT_EQ(payment_status_from_text(""), std::nullopt);
    EXPECT_EQ(std::count_if(std::begin(kStatuses), std::end(kStatuses), is_ended), 2);
}

}  // namespace
}  // namespace postern::payments
