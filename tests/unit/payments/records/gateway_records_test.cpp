#include "payments/records/gateway_records.hpp"

#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

constexpr storage::GatewayNumber kGateway{3};

class GatewayRecordsTest : public PaymentsTest {
 protected:
    OrderRow insert(OrderRow order) {
        order.owner = owner_;
        order.gateway = kGateway;
        EXPECT_TRUE(write([&](Transaction& transaction) { return insert_order(transaction, order); }
        ).has_value());
        return order;
    }
    ActionRow insert(ActionRow action) {
        action.owner = owner_;
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return insert_action(transaction, action);
                    }).has_value());
        return action;
    }
    MessageRow insert(MessageRow row) {
        row.gateway = kGateway;
        EXPECT_TRUE(write([&](Transaction& transaction) { return insert_message(transaction, row); }
        ).has_value());
        return row;
    }
    bool close(ActionId id, ActionRow::State state) {
        return read(write([&](Transaction& transaction) {
            return close_action(transaction, id, state);
        }));
    }
    std::vector<std::int64_t> due_order_ids(TimePoint now) {
        std::vector<std::int64_t> ids;
        for (const OrderRow& order : read(due_orders(connection(), now, 10))) {
            ids.push_back(order.id.value);
        }
        return ids;
    }
    const TimePoint soon_ = clock_.at + std::chrono::seconds{5};
    const TimePoint later_ = clock_.at + std::chrono::seconds{60};
};

TEST_P(GatewayRecordsTest, AsksOrdersInTheOrderInWhichTheyFallDue) {
    EXPECT_FALSE(read(next_order_at(connection())));
    const OrderRow late = insert(OrderRow{
        .kind = OrderKind::refund,
        .payment = PaymentId{4},
        .object = 9,
        .minor = 100,
        .due_at = later_});
    const OrderRow early = insert(OrderRow{.due_at = soon_});
    EXPECT_EQ(read(next_order_at(connection())), soon_);
    EXPECT_TRUE(due_order_ids(clock_.at).empty());
    EXPECT_EQ(due_order_ids(later_), (std::vector{early.id.value, late.id.value}));
    const auto found = read(find_order(connection(), late.id));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->owner, owner_);
    EXPECT_EQ(found->gateway, kGateway);
    EXPECT_EQ(found->kind, OrderKind::refund);
    EXPECT_EQ(found->payment, PaymentId{4});
    EXPECT_EQ(found->object, 9);
    EXPECT_EQ(found->minor, 100);
    EXPECT_EQ(found->created_at, clock_.at);
    const TimePoint again = later_ + std::chrono::seconds{1};
    EXPECT_TRUE(write([&](Transaction& transaction) {
                    return postpone_order(transaction, early.id, again);
                }).has_value());
    EXPECT_EQ(read(find_order(connection(), early.id))->asked, 1);
    EXPECT_EQ(read(next_order_at(connection())), later_);
    EXPECT_TRUE(write([&](Transaction& transaction) { return delete_order(transaction, late.id); }
    ).has_value());
    EXPECT_FALSE(read(find_order(connection(), late.id)));
}

TEST_P(GatewayRecordsTest, KnowsWhichNodeMadeAnOrder) {
    const OrderRow ours = insert(OrderRow{.due_at = soon_});
    const unsigned node = node_of_id(ours.id.value);
    OrderRow foreign{.due_at = soon_};
    foreign.id = OrderId{ours.id.value + (std::int64_t{1} << kIdSequenceBits)};
    insert(foreign);
    const OrdersOfNode question{.node = node, .now = later_, .rows_max = 10};
    const auto due = read(due_orders_of(connection(), question));
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due.front().id, ours.id);
    EXPECT_EQ(read(next_order_of(connection(), node + 1)), soon_);
    EXPECT_FALSE(read(next_order_of(connection(), node + 2)));
}

TEST_P(GatewayRecordsTest, RecallsNoOrderOfANodeThatMayStillHearOfIt) {
    OrderRow row{.asked = 1, .due_at = later_};
    const auto of_node = [&row](unsigned node) {
        row.id = OrderId{(std::int64_t{1} << 40) + (std::int64_t{node} << kIdSequenceBits)};
        return row;
    };
    for (const unsigned node : {0U, 5U, 31U, 32U, 63U}) insert(of_node(node));
    const std::vector<unsigned> others{5, 32, 63};
    EXPECT_TRUE(write([&others](Transaction& transaction) {
                    return recall_orders(transaction, others);
                }).has_value());
    for (const unsigned node : {0U, 31U}) {
        EXPECT_EQ(read(find_order(connection(), of_node(node).id))->due_at, clock_.at) << node;
    }
    for (const unsigned node : others) {
        EXPECT_EQ(read(find_order(connection(), of_node(node).id))->due_at, later_) << node;
    }
}

TEST_P(GatewayRecordsTest, GivesAnOrderToOneOfThoseWhoWantIt) {
    const OrderRow order = insert(OrderRow{.due_at = soon_});
    const auto claim = [this, &order] {
        bool ours = false;
        const auto done = write([&](Transaction& transaction) -> Result<void, StoreError> {
            const auto claimed = claim_order(transaction, order, later_);
            if (!claimed) return claimed.error();
            ours = *claimed;
            return {};
        });
        EXPECT_TRUE(done.has_value());
        return ours;
    };
    EXPECT_TRUE(claim());
    EXPECT_FALSE(claim());
    EXPECT_EQ(read(find_order(connection(), order.id))->asked, 1);
    EXPECT_EQ(read(find_order(connection(), order.id))->due_at, later_);
}

TEST_P(GatewayRecordsTest, ClosesAPageOnceAndFindsThoseThatNobodyClosed) {
    ActionRow row;
    row.payment = PaymentId{4};
    row.kind = NextAction::Kind::qr_code;
    row.expires_at = soon_;
    row.return_url = "https://shop.example/back?a=1";
    const ActionRow first = insert(row);
    row.expires_at = later_;
    const ActionRow second = insert(row);
    const auto found = read(find_action(connection(), first.id));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->owner, owner_);
    EXPECT_EQ(found->payment, row.payment);
    EXPECT_EQ(found->kind, row.kind);
    EXPECT_EQ(found->expires_at, soon_);
    EXPECT_EQ(found->return_url, row.return_url);
    ASSERT_EQ(read(expired_actions(connection(), later_, 10)).size(), 2U);
    EXPECT_EQ(read(expired_actions(connection(), soon_, 10)).front().id, first.id);
    EXPECT_TRUE(close(first.id, ActionRow::State::approved));
    EXPECT_FALSE(close(first.id, ActionRow::State::declined));
    EXPECT_EQ(read(find_action(connection(), first.id))->state, ActionRow::State::approved);
    EXPECT_EQ(read(expired_actions(connection(), later_, 10)).front().id, second.id);
}

TEST_P(GatewayRecordsTest, KeepsWhatTheSandboxHasYetToSay) {
    EXPECT_FALSE(read(next_message_at(connection())));
    MessageRow row;
    row.due_at = soon_;
    row.message.event.type = EventType::refund_succeeded;
    row.message.event.gateway_refund_id = "re_1";
    row.message.event.amount = "10.00";
    row.message.event.currency = "USD";
    row.message.unique = "refund 7";
    const MessageRow message = insert(row);
    EXPECT_EQ(read(next_message_at(connection())), soon_);
    EXPECT_TRUE(read(due_messages(connection(), clock_.at, 10)).empty());
    const auto due = read(due_messages(connection(), soon_, 10));
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].id, message.id);
    EXPECT_EQ(due[0].gateway, kGateway);
    EXPECT_EQ(due[0].message, row.message);
    EXPECT_TRUE(write([&](Transaction& transaction) {
                    return postpone_message(transaction, message.id, later_);
                }).has_value());
    EXPECT_EQ(read(due_messages(connection(), later_, 10)).front().tries, 1);
    EXPECT_TRUE(write([&](Transaction& transaction) {
                    return delete_message(transaction, message.id);
                }).has_value());
    EXPECT_FALSE(read(next_message_at(connection())));
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    GatewayRecordsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
