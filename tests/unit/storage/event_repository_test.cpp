#include "storage/event_repository.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class EventRepositoryTest : public StoreTest {
 protected:
    void SetUp() override {
        StoreTest::SetUp();
        const auto done = in_transaction(*database_, [this](Transaction& transaction) {
            for (std::int64_t i = 0; i < 6; ++i) {
                EventRow row;
                row.id = EventId{transaction.next_id()};
                row.account = kDefaultAccount;
                row.type = i % 2 == 0 ? EventType::payment_succeeded : EventType::refund_created;
                row.gateway = GatewayNumber{i < 3 ? 1 : 2};
                row.inbox = InboxId{i + 1};
                row.gateway_event_id = "evt_" + std::to_string(i);
                row.gateway_event_type = "charge.succeeded";
                row.created_at = transaction.now();
                row.object = R"({"id":"pi_1"})";
                const auto inserted = insert_event(transaction, row);
                if (!inserted) return inserted;
                rows_.push_back(std::move(row));
            }
            return Result<void, StoreError>{};
        });
        ASSERT_TRUE(done.has_value());
    }
    std::vector<EventRow> list(const EventFilter& filter, PageRequest<EventId> request) {
        const auto page = list_events(database_->writer(), filter, request);
        EXPECT_TRUE(page.has_value());
        return page ? page->rows : std::vector<EventRow>{};
    }

    std::vector<EventRow> rows_;
};

TEST_P(EventRepositoryTest, PagesInBothOrders) {
    const std::vector<EventRow> oldest = {rows_[0], rows_[1]};
    EXPECT_EQ(list({}, {.order = Order::oldest_first, .rows_max = 2}), oldest);
    const std::vector<EventRow> before_last = {rows_[4], rows_[3]};
    EXPECT_EQ(list({}, {.after = rows_[5].id, .rows_max = 2}), before_last);
}

TEST_P(EventRepositoryTest, FiltersByTypeAndGateway) {
    const std::vector<EventRow> expected = {rows_[3], rows_[5]};
    const EventFilter filter{
        .account = kDefaultAccount,
        .livemode = Livemode::test,
        .type = EventType::refund_created,
        .gateway = GatewayNumber{2}};
    EXPECT_EQ(list(filter, {.order = Order::oldest_first}), expected);
    EXPECT_TRUE(list({.livemode = Livemode::live}, {}).empty());
}

TEST_P(EventRepositoryTest, FindsOne) {
    EXPECT_TRUE(holds(find_event(database_->writer(), rows_[2].id), std::optional{rows_[2]}));
    EXPECT_TRUE(holds(find_event(database_->writer(), EventId{1}), std::optional<EventRow>{}));
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    EventRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
