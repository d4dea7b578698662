#include "storage/meta_repository.hpp"

#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class MetaRepositoryTest : public StoreTest {};

TEST_P(MetaRepositoryTest, KeepsTheFirstValue) {
    auto& writer = database_->writer();
    ASSERT_TRUE(insert_meta_if_absent(writer, "a", Blob{"1"}).has_value());
    ASSERT_TRUE(insert_meta_if_absent(writer, "a", Blob{"2"}).has_value());
    EXPECT_TRUE(holds(find_meta(writer, "a"), std::optional<std::string>{"1"}));
    EXPECT_TRUE(holds(find_meta(writer, "b"), std::optional<std::string>{}));
}

TEST_P(MetaRepositoryTest, KeepsTheStoresKeysAcrossOpens) {
    const StoreKeys before = database_->keys();
    EXPECT_NE(before.ids.first, before.dedupe.first);
    reopen();
    EXPECT_EQ(database_->keys().ids.first, before.ids.first);
    EXPECT_EQ(database_->keys().ids.second, before.ids.second);
    EXPECT_EQ(database_->keys().dedupe.first, before.dedupe.first);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    MetaRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
