#include "payments/gateways/sandbox/sandbox_holds.hpp"

#include "tests/unit/payments/service/service_fixture.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

using Names = std::vector<std::string>;

class SandboxHoldsTest : public ServiceTest {
 protected:
    FullPayment held(std::string_view gateway = "stripe") {
        FullPayment full = pay({.capture = CaptureMethod::manual, .gateway = gateway});
        told();
        return full;
    }
    std::size_t expire() {
        return read(run([](Work& work) { return expire_holds(work, 10); }));
    }
    PaymentStatus status_of(const FullPayment& full) {
        return stored(full.payment.id).payment.status;
    }
};

TEST_P(SandboxHoldsTest, EndAfterSevenDays) {
    const FullPayment full = held();
    ASSERT_EQ(full.payment.status, PaymentStatus::requires_capture);
    clock_.at += kHoldLives - std::chrono::microseconds{1};
    EXPECT_EQ(read(expired_holds(books(), 10)), std::vector<PaymentId>{});
    EXPECT_EQ(expire(), 0U);
    clock_.at += std::chrono::microseconds{1};
    EXPECT_EQ(read(expired_holds(books(), 10)), std::vector{full.payment.id});
    EXPECT_EQ(expire(), 1U);
    EXPECT_EQ(expire(), 0U);
    const Payment payment = stored(full.payment.id).payment;
    EXPECT_EQ(payment.status, PaymentStatus::canceled);
    EXPECT_EQ(payment.cancellation_reason, "automatic");
    EXPECT_EQ(payment.capturable_minor, 0);
    EXPECT_EQ(told(), (Names{"charge.expired", "payment.canceled"}));
    const auto left = messages();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left.front().message.event.type, EventType::payment_canceled);
}

TEST_P(SandboxHoldsTest, CountFromTheAuthorizationAndNotFromThePayment) {
    const PaymentId id = create({.capture = CaptureMethod::manual}).payment.id;
    clock_.at += kHoldLives;
    const FullPayment late = confirm(id);
    ASSERT_EQ(late.payment.status, PaymentStatus::requires_capture);
    EXPECT_EQ(expire(), 0U);
    clock_.at += kHoldLives;
    EXPECT_EQ(expire(), 1U);
    EXPECT_EQ(status_of(late), PaymentStatus::canceled);
}

TEST_P(SandboxHoldsTest, AreOverWhenTheyWereCapturedOrCanceled) {
    const FullPayment captured = held();
    const FullPayment canceled = held();
    done(run([&](Work& work) { return capture_payment(work, captured.payment.id, {}); }));
    done(run([&](Work& work) { return cancel_payment(work, canceled.payment.id, "duplicate"); }));
    clock_.at += kHoldLives;
    EXPECT_EQ(expire(), 0U);
    EXPECT_EQ(status_of(captured), PaymentStatus::succeeded);
    EXPECT_EQ(stored(canceled.payment.id).payment.cancellation_reason, "duplicate");
}

TEST_P(SandboxHoldsTest, AreLeftToTheAnswerThatIsOnItsWay) {
    const FullPayment full = held("slow");
    answer(orders_.front(), "stripe");
    ASSERT_EQ(status_of(full), PaymentStatus::requires_capture);
    done(run([&](Work& work) { return capture_payment(work, full.payment.id, {}); }));
    clock_.at += kHoldLives;
    EXPECT_EQ(expire(), 0U);
    EXPECT_EQ(status_of(full), PaymentStatus::requires_capture);
}

INSTANTIATE_TEST_SUITE_P(
    Drivers,
    SandboxHoldsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
