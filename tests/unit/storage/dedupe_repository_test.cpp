#include "storage/dedupe_repository.hpp"

#include "tests/unit/storage/store_fixture.hpp"

#include <limits>

namespace postern::storage {
namespace {

class DedupeRepositoryTest : public StoreTest {
 protected:
    InboxId claim(DedupeKey wanted, InboxId row) {
        Writer writer{*database_, clock_, {}};
        InboxId owner;
        TestUnit unit{[wanted, row, &owner](Transaction& transaction) -> Result<void, StoreError> {
            const auto claimed = claim_thing(transaction, wanted, row);
            if (!claimed) return claimed.error();
            owner = *claimed;
            return {};
        }};
        EXPECT_EQ(writer.submit(unit), Submitted::queued);
        EXPECT_TRUE(unit.wait().has_value());
        return owner;
    }
};

TEST_P(DedupeRepositoryTest, GivesAThingToTheFirstRowForEver) {
    const DedupeKey thing{.key = 5, .check = 1};
    EXPECT_EQ(claim(thing, InboxId{10}), InboxId{10});
    EXPECT_EQ(claim(thing, InboxId{11}), InboxId{10});
    EXPECT_EQ(claim(thing, InboxId{10}), InboxId{10});
}

TEST_P(DedupeRepositoryTest, TellsThingsOfOnePlaceApart) {
    constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(claim({.key = last, .check = 1}, InboxId{10}), InboxId{10});
    EXPECT_EQ(claim({.key = last, .check = 2}, InboxId{11}), InboxId{11});  // wraps to place 0
    EXPECT_EQ(claim({.key = 0, .check = 3}, InboxId{12}), InboxId{12});
    EXPECT_EQ(claim({.key = last, .check = 2}, InboxId{13}), InboxId{11});
    EXPECT_EQ(claim({.key = 0, .check = 3}, InboxId{13}), InboxId{12});
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    DedupeRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
