#include "storage/event_type_repository.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class EventTypeRepositoryTest : public StoreTest {
 protected:
    EventTypeRow row_with(std::string name) const {
        EventTypeRow row;
        row.account = kDefaultAccount;
        row.name = std::move(name);
        row.description = "something happened";
        row.schemas = R"({"1":{}})";
        row.created_at = clock_.now();
        row.updated_at = clock_.now();
        return row;
    }
    void put(const EventTypeRow& row) {
        ASSERT_TRUE(in_transaction(*database_, [&row](Transaction& transaction) {
                        return put_event_type(transaction, row);
                    }).has_value());
    }
    std::optional<EventTypeRow> find(std::string_view name) {
        return read(find_event_type(connection(), {.account = kDefaultAccount, .name = name}));
    }
    Connection& connection() { return database_->writer(); }
};

TEST_P(EventTypeRepositoryTest, FindsWhatWasPut) {
    const EventTypeRow row = row_with("order.paid");
    put(row);
    EXPECT_EQ(find("order.paid"), row);
    EXPECT_EQ(find("order.lost"), std::nullopt);
    EXPECT_FALSE(read(find_event_type(connection(), {.account = AccountId{9}, .name = "order.paid"})
    )
                     .has_value());
}

TEST_P(EventTypeRepositoryTest, KeepsTheMomentOfTheFirstMaking) {
    const EventTypeRow first = row_with("order.paid");
    put(first);
    EventTypeRow second = first;
    second.description = "another";
    second.archived = true;
    second.deprecated = true;
    second.created_at = first.created_at + std::chrono::seconds{5};
    second.updated_at = second.created_at;
    put(second);
    second.created_at = first.created_at;
    EXPECT_EQ(find("order.paid"), second);
    EXPECT_TRUE(holds(count_event_types(connection(), kDefaultAccount), 1));
}

TEST_P(EventTypeRepositoryTest, ListsByNameAndForgets) {
    for (const char* name : {"b", "a", "c"}) put(row_with(name));
    const EventTypeKey key{.account = kDefaultAccount, .name = "b"};
    ASSERT_TRUE(in_transaction(*database_, [&key](Transaction& transaction) {
                    return delete_event_type(transaction, key);
                }).has_value());
    const std::vector<EventTypeRow> wanted = {row_with("a"), row_with("c")};
    EXPECT_EQ(read(list_event_types(connection(), kDefaultAccount)), wanted);
    EXPECT_TRUE(read(list_event_types(connection(), AccountId{9})).empty());
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    EventTypeRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
