#include "payments/domain/payout.hpp"

#include "payments/domain/payment_method.hpp"
#include "tests/unit/payments/domain/payment_testing.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

using enum PayoutStatus;

constexpr PayoutStatus kStatuses[] = {pending, in_transit, paid, failed, canceled};

// One letter for each status in the order above: m moved, a already, s stale.
struct Row {
    PayoutStatus from;
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

TEST(Payout, MovesForwardOnly) {
    const Row rows[] = {
        {pending, "ammmm"},
        {in_transit, "samms"},
        {paid, "ssams"},
        {failed, "sssas"},
        {canceled, "ssssa"},
    };
    for (const Row& row : rows) {
        for (std::size_t to = 0; to < std::size(kStatuses); ++to) {
            SCOPED_TRACE(testing::Message() << to_text(row.from) << " " << to_text(kStatuses[to]));
            Payout payout{.status = row.from};
            const PayoutFact fact{.status = kStatuses[to], .failure_code = "account_closed"};
            const Effect effect = apply(payout, fact, kNow);
            EXPECT_EQ(letter(effect), row.effects[to]);
            const bool moved = effect == Effect::moved;
            EXPECT_EQ(payout.status, moved ? kStatuses[to] : row.from);
            const bool failed_now = moved && kStatuses[to] == failed;
            EXPECT_EQ(payout.failure_code, failed_now ? "account_closed" : "");
        }
    }
}

TEST(Payout, IsCanceledWhileItIsPending) {
    for (const PayoutStatus status : kStatuses) {
        EXPECT_EQ(may_cancel({.status = status}), status == pending) << to_text(status);
    }
}

TEST(Payout, IsReadAsItIsWritten) {
    for (const PayoutStatus status : kStatuses) {
        EXPECT_EQ(payout_status_from_text(to_text(status)), status);
    }
    EXPECT_EQ(payout_status_from_text("sent"), std::nullopt);
}

TEST(MethodTypeText, IsReadAsItIsWritten) {
    for (const char* text : {"card", "us_bank_account", "wechat_pay", "alipay", "bank_transfer"}) {
        const auto type = method_type_from_text(text);
        ASSERT_TRUE(type) << text;
        EXPECT_EQ(to_text(*type), text);
    }
    EXPECT_EQ(method_type_from_text("cash"), std::nullopt);
}

}  // namespace
}  // namespace postern::payments
