#include "storage/gateway_repository.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class GatewayRepositoryTest : public StoreTest {
 protected:
    std::int64_t number_of(GatewayRow row) {
        std::int64_t number = 0;
        EXPECT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                        const auto found = find_or_insert_gateway(transaction, row);
                        if (found) number = found->value;
                        return found ? Result<void, StoreError>{} : found.error();
                    }).has_value());
        return number;
    }
};

TEST_P(GatewayRepositoryTest, GivesANameOneNumberForEver) {
    EXPECT_EQ(number_of({.name = "stripe", .kind = "stripe"}), 1);
    EXPECT_EQ(number_of({.name = "adyen-eu", .kind = "adyen"}), 2);
    EXPECT_EQ(number_of({.name = "stripe", .kind = "stripe"}), 1);
    reopen();
    EXPECT_EQ(number_of({.name = "paypal", .kind = "paypal"}), 3);
    EXPECT_EQ(number_of({.name = "adyen-eu", .kind = "adyen"}), 2);
}

TEST_P(GatewayRepositoryTest, TakesOverWhatIsConfiguredNow) {
    number_of({.name = "main", .kind = "stripe"});
    number_of({.name = "main", .kind = "adyen", .account = kDefaultAccount});
    const auto rows = list_gateways(database_->writer());
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().kind, "adyen");
    EXPECT_EQ(rows->front().account, kDefaultAccount);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    GatewayRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
