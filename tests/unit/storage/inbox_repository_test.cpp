#include "storage/inbox_repository.hpp"

#include "tests/unit/storage/store_fixture.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

class InboxRepositoryTest : public StoreTest {
 protected:
    // Nine rows: gateways 1 to 3 in turn, the last three not understood, the last one live.
    void SetUp() override {
        StoreTest::SetUp();
        const auto done = in_transaction(*database_, [this](Transaction& transaction) {
            for (std::int64_t i = 0; i < 9; ++i) {
                texts_.push_back("evt_" + std::to_string(i));
            }
            for (std::size_t i = 0; i < texts_.size(); ++i) {
                IngestItem item{request_with({payment_event(texts_[i])}, texts_[i]), {}};
                item.request.gateway = GatewayNumber{static_cast<std::int64_t>(i % 3) + 1};
                if (i >= 6) item.request.verdict = Verdict::unrecognised;
                if (i == 8) item.request.livemode = Livemode::live;
                IngestItem* items[] = {&item};
                const auto ingested = transaction.connection().ingest(transaction, items);
                if (!ingested) return ingested;
                ids_.push_back(item.outcome.inbox);
            }
            return Result<void, StoreError>{};
        });
        ASSERT_TRUE(done.has_value());
    }
    std::vector<InboxId> all_pages(const InboxFilter& filter, Order order, std::size_t rows_max) {
        PageRequest<InboxId> request{.order = order, .rows_max = rows_max};
        std::vector<InboxId> ids;
        for (;;) {
            const auto page = list_inbox(database_->writer(), filter, request);
            EXPECT_TRUE(page.has_value());
            if (!page) return ids;
            for (const InboxRow& row : page->rows) {
                EXPECT_TRUE(row.body.empty());
                ids.push_back(row.id);
            }
            if (page->more == Page<InboxRow>::More::no) return ids;
            request.after = ids.back();
        }
    }

    std::vector<std::string> texts_;
    std::vector<InboxId> ids_;
};

TEST_P(InboxRepositoryTest, PagesThroughEveryRowOnceInBothOrders) {
    for (const std::size_t rows_max : {1U, 2U, 3U, 8U, 9U, 100U}) {
        SCOPED_TRACE(rows_max);
        EXPECT_EQ(all_pages({}, Order::oldest_first, rows_max), ids_);
        auto newest_first = all_pages({}, Order::newest_first, rows_max);
        std::reverse(newest_first.begin(), newest_first.end());
        EXPECT_EQ(newest_first, ids_);
    }
}

struct FilterCase {
    const char* name;
    InboxFilter filter;
    std::vector<std::size_t> expected;
};

TEST_P(InboxRepositoryTest, FiltersByEachFieldAndByAll) {
    const TimePoint now = time_of_id(ids_.front().value);
    const auto later = now + std::chrono::milliseconds{1};
    const FilterCase cases[] = {
        {"gateway", {.gateway = GatewayNumber{2}}, {1, 4, 7}},
        {"unrecognised", {.verdict = Verdict::unrecognised}, {6, 7, 8}},
        {"verified", {.verdict = Verdict::verified}, {0, 1, 2, 3, 4, 5}},
        {"live", {.livemode = Livemode::live}, {8}},
        {"another account", {.account = AccountId{99}}, {}},
        {"since its own millisecond", {.since = now}, {0, 1, 2, 3, 4, 5, 6, 7, 8}},
        {"since later", {.since = later}, {}},
        {"until its own millisecond", {.until = now}, {}},
        {"gateway and verdict",
         {.gateway = GatewayNumber{3}, .verdict = Verdict::unrecognised, .until = later},
         {8}},
    };
    for (const FilterCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        std::vector<InboxId> expected;
        for (const std::size_t i : test_case.expected) expected.push_back(ids_[i]);
        EXPECT_EQ(all_pages(test_case.filter, Order::oldest_first, 2), expected);
    }
}

TEST_P(InboxRepositoryTest, CorrectsWhatIsKnownAndKeepsWhatCame) {
    const InboxCorrection correction{
        .id = ids_[7], .verdict = Verdict::verified, .reason = "", .event_ids = {EventId{5}}};
    ASSERT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                    return correct_inbox(transaction, correction);
                }).has_value());
    const auto row = find_inbox(database_->writer(), ids_[7]);
    ASSERT_TRUE(row.has_value() && row->has_value());
    EXPECT_EQ((*row)->verdict, Verdict::verified);
    EXPECT_EQ((*row)->event_ids, correction.event_ids);
    EXPECT_EQ((*row)->body, texts_[7]);
    EXPECT_TRUE(holds(find_inbox(database_->writer(), InboxId{1}), std::optional<InboxRow>{}));
}

TEST_P(InboxRepositoryTest, ForgetsWhatIsOldOnlyAndKnowsItsThingsForEver) {
    const auto forget = [this](TimePoint before) {
        return written(*database_, [before](Transaction& transaction) {
            return forget_inbox(transaction, {.before = before});
        });
    };
    const TimePoint first = time_of_id(ids_.front().value);
    EXPECT_EQ(forget(first).rows, 0);
    EXPECT_EQ(forget(first + std::chrono::hours{1}).rows, 9);
    EXPECT_TRUE(all_pages({}, Order::oldest_first, 100).empty());
    const auto again = in_transaction(*database_, [this](Transaction& transaction) {
        IngestItem item{request_with({payment_event(texts_[0])}, texts_[0]), {}};
        item.request.gateway = GatewayNumber{1};
        IngestItem* items[] = {&item};
        const auto ingested = transaction.connection().ingest(transaction, items);
        EXPECT_EQ(item.outcome.kind, IngestKind::duplicate);
        return ingested;
    });
    EXPECT_TRUE(again.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    InboxRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
