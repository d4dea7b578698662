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
                if (i % 2 == 0) row.trace = begin_trace();
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

class OwnEventsTest : public StoreTest {
 protected:
    EventRow insert(StoredEventKind kind, std::string external_id) {
        return written(*database_, [&](Transaction& transaction) -> Result<EventRow, StoreError> {
            EventRow row;
            row.id = EventId{transaction.next_id()};
            row.account = kDefaultAccount;
            row.kind = kind;
            if (kind != StoredEventKind::unified) row.own_type = "invoice.paid";
            row.external_id = std::move(external_id);
            row.channels = R"(["eu"])";
            row.created_at = transaction.now();
            row.object = "{}";
            const auto inserted = insert_event(transaction, row);
            if (!inserted) return inserted.error();
            return row;
        });
    }
    Connection& connection() { return database_->writer(); }
};

TEST_P(OwnEventsTest, AreFoundByTheirSendersName) {
    const EventRow row = insert(StoredEventKind::message, "order-1");
    insert(StoredEventKind::message, "");
    insert(StoredEventKind::message, "");
    EXPECT_EQ(read(find_event(connection(), row.id)), row);
    ExternalEvent which{kDefaultAccount, Livemode::test, "order-1"};
    EXPECT_EQ(read(find_event_by_external_id(connection(), which)), row);
    which.livemode = Livemode::live;
    EXPECT_FALSE(read(find_event_by_external_id(connection(), which)).has_value());
    which = {kDefaultAccount, Livemode::test, ""};
    EXPECT_FALSE(read(find_event_by_external_id(connection(), which)).has_value());
    const auto again = in_transaction(*database_, [row](Transaction& transaction) {
        EventRow copy = row;
        copy.id = EventId{transaction.next_id()};
        return insert_event(transaction, copy);
    });
    EXPECT_TRUE(fails_with(again, StoreError::constraint));
}

TEST_P(OwnEventsTest, AreListedByKindAndNeverByATypeOfOurs) {
    const EventRow unified = insert(StoredEventKind::unified, "");
    const EventRow message = insert(StoredEventKind::message, "m");
    const EventRow operational = insert(StoredEventKind::operational, "");
    const auto list = [this](const EventFilter& filter) {
        return read(list_events(connection(), filter, {.order = Order::oldest_first})).rows;
    };
    EXPECT_EQ(list({}), (std::vector{unified, message, operational}));
    EXPECT_EQ(list({.kind = StoredEventKind::message}), std::vector{message});
    EXPECT_EQ(list({.kind = StoredEventKind::unified}), std::vector{unified});
    EXPECT_EQ(list({.type = EventType::payment_created}), std::vector{unified});
    EXPECT_EQ(type_name(unified), to_text(EventType::payment_created));
    EXPECT_EQ(type_name(message), "invoice.paid");
    EXPECT_EQ(type_name(operational), "invoice.paid");
}

TEST_P(OwnEventsTest, OfPaymentsAreThoseThatStripesUsersKnow) {
    const EventRow unified = insert(StoredEventKind::unified, "");
    insert(StoredEventKind::message, "m");
    const EventRow stripes = insert(StoredEventKind::stripe, "");
    insert(StoredEventKind::operational, "");
    const auto list = [this](const EventFilter& filter) {
        return read(list_events(connection(), filter, {.order = Order::oldest_first})).rows;
    };
    using Kinds = EventFilter::Kinds;
    EXPECT_EQ(list({.kinds = Kinds::of_payments}), (std::vector{unified, stripes}));
    EXPECT_EQ(list({.own_type = "invoice.paid"}), std::vector{stripes});
    EXPECT_TRUE(list({.own_type = "charge.succeeded"}).empty());
}

TEST_P(OwnEventsTest, KeepTheirStripeForm) {
    EventRow row = insert(StoredEventKind::unified, "");
    row.id = EventId{row.id.value + 1};
    row.subject = 77;
    row.stripe_type = "payment_intent.succeeded";
    row.stripe_object = R"({"id":"pi_1"})";
    row.stripe_previous = R"({"amount":5})";
    row.request_id = "req_1";
    row.idempotency_key = "key";
    const auto kept = in_transaction(*database_, [&row](Transaction& transaction) {
        return insert_event(transaction, row);
    });
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(read(find_event(connection(), row.id)), row);
}

TEST_P(OwnEventsTest, AreCorrectedOrWithdrawnOnceTheirPaymentIsKnown) {
    EventRow row = insert(StoredEventKind::unified, "");
    const EventRow told_before = insert(StoredEventKind::unified, "");
    const auto changed = in_transaction(*database_, [&](Transaction& transaction) {
        const auto corrected = correct_event(
            transaction,
            {.id = row.id,
             .account = AccountId{7},
             .livemode = Livemode::live,
             .subject = 9,
             .object = R"({"id":"p"})",
             .stripe_type = "payment_intent.canceled",
             .stripe_object = R"({"id":"pi"})"}
        );
        return corrected ? withdraw_event(transaction, told_before.id) : corrected;
    });
    ASSERT_TRUE(changed.has_value());
    row.account = AccountId{7};
    row.livemode = Livemode::live;
    row.subject = 9;
    row.object = R"({"id":"p"})";
    row.stripe_type = "payment_intent.canceled";
    row.stripe_object = R"({"id":"pi"})";
    EXPECT_EQ(read(find_event(connection(), row.id)), row);
    EXPECT_FALSE(read(find_event(connection(), told_before.id)).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    EventRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);
INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    OwnEventsTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
