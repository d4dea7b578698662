#include "payments/domain/dispute.hpp"

#include "tests/unit/payments/domain/payment_testing.hpp"
#include "tests/unit/payments/domain/seeded.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

using enum DisputeStatus;

constexpr DisputeStatus kStatuses[] = {
    needs_response,
    under_review,
    won,
    lost,
    warning_needs_response,
    warning_under_review,
    warning_closed,
};

// One letter for each status in the order above: m moved, a already, s stale.
struct Row {
    DisputeStatus from;
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

TEST(Dispute, MovesForwardOnly) {
    const Row rows[] = {
        {needs_response, "ammmsss"},
        {under_review, "sammsss"},
        {won, "ssassss"},
        {lost, "sssasss"},
        {warning_needs_response, "mmmmamm"},
        {warning_under_review, "mmmmsam"},
        {warning_closed, "ssssssa"},
    };
    for (const Row& row : rows) {
        for (std::size_t to = 0; to < std::size(kStatuses); ++to) {
            SCOPED_TRACE(testing::Message() << to_text(row.from) << " " << to_text(kStatuses[to]));
            Dispute dispute{.status = row.from};
            const Effect effect = apply(dispute, {kStatuses[to]}, kNow);
            EXPECT_EQ(letter(effect), row.effects[to]);
            const bool moved = effect == Effect::moved;
            EXPECT_EQ(dispute.status, moved ? kStatuses[to] : row.from);
            EXPECT_EQ(dispute.closed_at.has_value(), moved && is_ended(kStatuses[to]));
        }
    }
}

// Whatever is told in whatever order: the money leaves at most once and comes back at most once.
TEST(Dispute, MovesTheMoneyThereAndBackAtMostOnce) {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Seeded random{seed};
        Dispute dispute{.status = random.pick(std::span{kStatuses})};
        int withdrawn = holds_funds(dispute.status) ? 1 : 0;
        int reinstated = 0;
        for (int i = 0; i < 20; ++i) {
            const Dispute before = dispute;
            const Effect effect = apply(dispute, {random.pick(std::span{kStatuses})}, kNow);
            if (effect != Effect::moved) {
                ASSERT_EQ(dispute, before);
            }
            if (is_ended(before.status)) {
                ASSERT_NE(effect, Effect::moved);
            }
            if (!holds_funds(before.status) && holds_funds(dispute.status)) ++withdrawn;
            if (holds_funds(before.status) && !holds_funds(dispute.status)) ++reinstated;
        }
        ASSERT_LE(withdrawn, 1);
        ASSERT_LE(reinstated, withdrawn);
        if (reinstated == 1) {
            ASSERT_EQ(dispute.status, won);
        }
    }
}

TEST(Dispute, TakesEvidenceWhileItWaitsForIt) {
    for (const DisputeStatus status : kStatuses) {
        SCOPED_TRACE(to_text(status));
        const bool waits = status == needs_response || status == warning_needs_response;
        Dispute dispute{.status = status};
        EXPECT_EQ(may_close(dispute), waits);
        EXPECT_EQ(may_take_evidence(dispute, kNow), waits);
        dispute.due_by = kNow + Microseconds{1};
        EXPECT_EQ(may_take_evidence(dispute, kNow), waits);
        dispute.due_by = kNow;
        EXPECT_FALSE(may_take_evidence(dispute, kNow));
        EXPECT_EQ(may_close(dispute), waits);
    }
}

struct DueCase {
    const char* name;
    Dispute dispute;
    bool past_due;
};

TEST(Dispute, IsPastDueByTheClockAlone) {
    constexpr Microseconds kMoment{1};
    const DueCase cases[] = {
        {"without a deadline", {}, false},
        {"before its deadline", {.due_by = kNow + kMoment}, false},
        {"at its deadline", {.due_by = kNow}, true},
        {"after its deadline", {.due_by = kNow - kMoment}, true},
        {"answered in time", {.submissions = 1, .due_by = kNow - kMoment}, false},
        {"over in time", {.due_by = kNow - kMoment, .closed_at = kNow - 2 * kMoment}, false},
        {"over too late", {.due_by = kNow - 2 * kMoment, .closed_at = kNow - kMoment}, true},
    };
    for (const DueCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(is_past_due(test_case.dispute, kNow), test_case.past_due);
    }
}

TEST(Dispute, EndsByGivingIn) {
    EXPECT_EQ(status_when_closed(needs_response), lost);
    EXPECT_EQ(status_when_closed(warning_needs_response), warning_closed);
}

TEST(Dispute, BarsRefundsUnlessTheMoneyIsTheMerchants) {
    EXPECT_TRUE(bars_refunds(needs_response));
    EXPECT_TRUE(bars_refunds(under_review));
    EXPECT_TRUE(bars_refunds(lost));
    EXPECT_FALSE(bars_refunds(won));
    EXPECT_FALSE(bars_refunds(warning_needs_response));
}

}  // namespace
}  // namespace postern::payments
