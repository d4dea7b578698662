#include "storage/request_log_repository.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

RequestLogRow request_row() {
    RequestLogRow row;
    row.account = kDefaultAccount;
    row.livemode = Livemode::test;
    row.api_key = ApiKeyId{7};
    row.status = 200;
    row.duration = std::chrono::microseconds{1'234};
    row.created_at = from_unix_seconds(1'700'000'000);
    row.method = "POST";
    row.path = "/v1/customers/cus_1";
    row.request_id = "req_1";
    row.idempotency_key = "key-1";
    row.peer_address = "192.0.2.1";
    row.parameters = R"({"body":{"name":"Ada"}})";
    return row;
}

class RequestLogRepositoryTest : public StoreTest {
 protected:
    RequestLogId insert(const RequestLogRow& row) {
        RequestLogId id;
        EXPECT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                        const auto done = insert_request_log(transaction, row);
                        if (done) id = *done;
                        return done ? Result<void, StoreError>{} : done.error();
                    }).has_value());
        return id;
    }
    std::vector<std::string> paths(const RequestLogFilter& filter) {
        const auto page = list_request_log(database_->writer(), filter, {});
        EXPECT_TRUE(page.has_value());
        std::vector<std::string> paths;
        for (const RequestLogRow& row : page->rows) paths.push_back(row.path);
        return paths;
    }
    std::int64_t forget(TimePoint before) {
        std::int64_t gone = 0;
        EXPECT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                        const auto done = forget_request_log(transaction, {.before = before});
                        if (done) gone = done->rows;
                        return done ? Result<void, StoreError>{} : done.error();
                    }).has_value());
        return gone;
    }
};

TEST_P(RequestLogRepositoryTest, GivesBackWhatWasWritten) {
    RequestLogRow row = request_row();
    row.id = insert(row);
    const auto found = find_request_log(database_->writer(), row.id);
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ(**found, row);
    EXPECT_TRUE(holds(
        find_request_log(database_->writer(), RequestLogId{1}), std::optional<RequestLogRow>{}
    ));
}

TEST_P(RequestLogRepositoryTest, ListsByEveryFilter) {
    RequestLogRow row = request_row();
    insert(row);
    row.path = "/v1/charges";
    row.method = "GET";
    row.status = 404;
    row.request_id = "req_2";
    row.api_key = ApiKeyId{8};
    insert(row);
    row.path = "/v1/foreign";
    row.livemode = Livemode::live;
    insert(row);
    const RequestLogFilter all{.account = kDefaultAccount};
    const std::vector<std::string> charges{"/v1/charges"};
    EXPECT_EQ(paths(all), (std::vector<std::string>{"/v1/charges", "/v1/customers/cus_1"}));
    RequestLogFilter filter = all;
    filter.status = StatusRange{.first = 400, .last = 499};
    EXPECT_EQ(paths(filter), charges);
    filter = all;
    filter.method = "GET";
    EXPECT_EQ(paths(filter), charges);
    filter = all;
    filter.path_prefix = "/v1/ch";
    EXPECT_EQ(paths(filter), charges);
    filter = all;
    filter.request_id = "req_2";
    EXPECT_EQ(paths(filter), charges);
    filter = all;
    filter.api_key = ApiKeyId{8};
    EXPECT_EQ(paths(filter), charges);
    filter = all;
    filter.until = from_unix_seconds(1);
    EXPECT_TRUE(paths(filter).empty());
    EXPECT_TRUE(paths({.account = AccountId{99}}).empty());
}

TEST_P(RequestLogRepositoryTest, LooksAtABoundedNumberOfRowsForAPage) {
    RequestLogRow row = request_row();
    std::vector<RequestLogId> ids;
    for (int i = 0; i < 25; ++i) {
        row.status = i % 10 == 0 ? 500 : 200;  // the rows 0, 10 and 20
        ids.push_back(insert(row));
    }
    const RequestLogFilter failed{
        .account = kDefaultAccount, .status = StatusRange{.first = 500, .last = 599}};
    RequestLogWish wish{.page = {.rows_max = 2}, .rows_looked_at_max = 7};
    std::vector<RequestLogId> found;
    std::vector<std::size_t> sizes;
    for (;;) {
        const auto page = list_request_log(database_->writer(), failed, wish);
        ASSERT_TRUE(page.has_value());
        sizes.push_back(page->rows.size());
        for (const RequestLogRow& one : page->rows) found.push_back(one.id);
        if (!page->next) break;
        wish.page.after = page->next;
    }
    EXPECT_EQ(found, (std::vector<RequestLogId>{ids[20], ids[10], ids[0]}));
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 0, 1, 1}));
}

TEST_P(RequestLogRepositoryTest, EndsWithTheLastRowThatItLookedAt) {
    for (int i = 0; i < 7; ++i) insert(request_row());
    for (const Order order : {Order::newest_first, Order::oldest_first}) {
        const auto page = list_request_log(
            database_->writer(),
            {.account = kDefaultAccount, .method = "PUT"},
            {.page = {.order = order}, .rows_looked_at_max = 7}
        );
        ASSERT_TRUE(page.has_value());
        EXPECT_TRUE(page->rows.empty());
        EXPECT_EQ(page->next, std::nullopt);
    }
}

TEST_P(RequestLogRepositoryTest, ForgetsWhatIsOldOnly) {
    const RequestLogId id = insert(request_row());
    EXPECT_EQ(forget(time_of_id(id.value)), 0);
    EXPECT_EQ(forget(time_of_id(id.value) + std::chrono::seconds{1}), 1);
    EXPECT_EQ(forget(time_of_id(id.value) + std::chrono::seconds{1}), 0);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    RequestLogRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
