#include "storage/paging.hpp"

#include "tests/unit/storage/database_fake.hpp"

#include <array>

namespace postern::storage {
namespace {

constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);
constexpr TimePoint kSettled = kNow - kSettledAfter;
constexpr TimePoint kLongAgo = from_unix_seconds(1'600'000'000);

struct Case {
    std::string_view name;
    Order order = Order::oldest_first;
    std::optional<TimePoint> asked = {};
    std::optional<TimePoint> until = {};
};

constexpr std::array kCases = {
    Case{.name = "the newest are shown at once", .order = Order::newest_first},
    Case{.name = "who follows the list waits for the last moments", .until = kSettled},
    Case{.name = "an end that is later is moved", .asked = kNow, .until = kSettled},
    Case{.name = "an earlier end stays", .asked = kLongAgo, .until = kLongAgo},
};

TEST(SettledUntil, EndsAListThatIsFollowedBeforeTheLastMomentsWhereManyWrite) {
    WriteConnectionFake connection;
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const Followed list{.order = test_case.order, .until = test_case.asked, .now = kNow};
        EXPECT_EQ(settled_until(connection, list), test_case.until);
    }
}

class SettledUntilOfAStore : public StoreTest {};

TEST_P(SettledUntilOfAStore, EndsNothingWhereOneWrites) {
    const Followed list{.order = Order::oldest_first, .until = std::nullopt, .now = kNow};
    const bool one_writes = database_->writer().writers() == Writers::one;
    EXPECT_EQ(settled_until(database_->writer(), list).has_value(), !one_writes);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    SettledUntilOfAStore,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
