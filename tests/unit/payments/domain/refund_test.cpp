#include "payments/domain/refund.hpp"

#include "tests/unit/payments/domain/payment_testing.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

using enum RefundStatus;

constexpr RefundStatus kStatuses[] = {pending, succeeded, failed, canceled, requires_action};

// One letter for each status in the order above: m moved, a already, s stale.
struct Row {
    RefundStatus from;
    const char* effects;
};

char letter(Effect effect) {
    switch (effect) {
        case Effect::moved: return 'm';
        case Effect::already: return 'a';
        case Effect::stale: return 's';
    }
    return '?';
}

TEST(Refund, MovesForwardOnly) {
    const Row rows[] = {
        {pending, "ammmm"},
        {succeeded, "samss"},
        {failed, "ssass"},
        {canceled, "sssas"},
        {requires_action, "smmma"},
    };
    for (const Row& row : rows) {
        for (std::size_t to = 0; to < std::size(kStatuses); ++to) {
            SCOPED_TRACE(testing::Message() << to_text(row.from) << " " << to_text(kStatuses[to]));
            Payment payment = payment_at(PaymentStatus::succeeded);
            const bool was_open = row.from == pending || row.from == requires_action;
            payment.refunded_minor = 500;
            payment.refunding_minor = was_open ? 500 : 0;
            Refund refund{.payment = payment.id, .amount = {500, {}}, .status = row.from};
            const Effect effect = apply(refund, payment, {.status = kStatuses[to]}, kNow);
            EXPECT_EQ(letter(effect), row.effects[to]);
            const bool moved = effect == Effect::moved;
            EXPECT_EQ(refund.status, moved ? kStatuses[to] : row.from);
            const bool returned = moved && (refund.status == failed || refund.status == canceled);
            EXPECT_EQ(payment.refunded_minor, returned ? 0 : 500);
            const bool is_open = refund.status == pending || refund.status == requires_action;
            EXPECT_EQ(payment.refunding_minor, is_open ? 500 : 0);
        }
    }
}

TEST(Refund, KeepsWhyItFailed) {
    Payment payment = payment_at(PaymentStatus::succeeded);
    payment.refunded_minor = 500;
    Refund refund{.payment = payment.id, .amount = {500, {}}, .status = succeeded};
    apply(refund, payment, {.status = failed, .failure_reason = "lost_or_stolen_card"}, kNow);
    EXPECT_EQ(refund.failure_reason, "lost_or_stolen_card");
    EXPECT_EQ(refund.updated_at, kNow);
}

struct FaultCase {
    const char* name;
    std::int64_t received;
    std::int64_t refunded;
    std::int64_t minor;
    std::optional<RefundFault> fault;
};

TEST(Refund, NeverExceedsWhatWasTaken) {
    const FaultCase cases[] = {
        {"all", 1'000, 0, 1'000, std::nullopt},
        {"a part", 1'000, 0, 1, std::nullopt},
        {"the rest", 1'000, 400, 600, std::nullopt},
        {"more than the rest", 1'000, 400, 601, RefundFault::over_what_is_left},
        {"far more", 1'000, 0, INT64_MAX, RefundFault::over_what_is_left},
        {"nothing of something", 1'000, 400, 0, RefundFault::not_positive},
        {"less than nothing", 1'000, 400, -1, RefundFault::not_positive},
        {"nothing left", 1'000, 1'000, 1, RefundFault::nothing_left},
        {"all of nothing left", 1'000, 1'000, 0, RefundFault::nothing_left},
        {"never paid", 0, 0, 1, RefundFault::nothing_captured},
    };
    for (const FaultCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        Payment payment = new_payment();
        payment.received_minor = test_case.received;
        payment.refunded_minor = test_case.refunded;
        EXPECT_EQ(why_not_refund(payment, test_case.minor), test_case.fault);
    }
}

TEST(Refund, IsBarredByADispute) {
    Payment payment = payment_at(PaymentStatus::succeeded);
    payment.dispute = DisputeId{1};
    EXPECT_EQ(why_not_refund(payment, 1), RefundFault::disputed);
    EXPECT_EQ(why_not_refund(payment, 1, DisputeBar::stands), RefundFault::disputed);
    EXPECT_EQ(why_not_refund(payment, 1, DisputeBar::none), std::nullopt);
}

}  // namespace
}  // namespace postern::payments
