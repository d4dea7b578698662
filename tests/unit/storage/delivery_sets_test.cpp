#include "storage/delivery_sets.hpp"

#include "tests/unit/storage/delivery_fixture.hpp"

namespace postern::storage {
namespace {

class DeliverySetsTest : public DeliveryStoreTest {
 protected:
    DeliveryRow insert_of_key(std::int64_t order_key, DeliveryState state) {
        DeliveryRow row = next_row(state);
        row.order_key = order_key;
        return insert(row);
    }
    FoundDeliveries find(const std::vector<DeliveryId>& ids) {
        return written(*database_, [&ids](Transaction& transaction) {
            return find_deliveries_to_change(transaction, ids);
        });
    }
    FoundDeliveries first_open(const std::vector<KeyAtEndpoint>& keys) {
        return written(*database_, [&keys](Transaction& transaction) {
            return first_open_of_keys(transaction, keys);
        });
    }
};

TEST_P(DeliverySetsTest, FindsThemInTheOrderOfTheQuestion) {
    const DeliveryRow first = insert(next_row());
    const DeliveryRow second = insert_of_key(7, DeliveryState::waiting);
    const FoundDeliveries expected = {second, std::nullopt, first, second};
    EXPECT_EQ(find({second.id, DeliveryId{3}, first.id, second.id}), expected);
    EXPECT_EQ(find({}), FoundDeliveries{});
}

TEST_P(DeliverySetsTest, FindsTheFirstOpenOneOfEachKey) {
    insert_of_key(7, DeliveryState::delivered);
    const DeliveryRow seven = insert_of_key(7, DeliveryState::waiting);
    insert_of_key(7, DeliveryState::pending);
    const DeliveryRow eight = insert_of_key(8, DeliveryState::pending);
    insert_of_key(9, DeliveryState::dead);
    const FoundDeliveries expected = {eight, std::nullopt, seven, std::nullopt};
    EXPECT_EQ(
        first_open({{kEndpoint, 8}, {kEndpoint, 9}, {kEndpoint, 7}, {kOtherEndpoint, 7}}), expected
    );
    EXPECT_EQ(first_open({}), FoundDeliveries{});
}

TEST_P(DeliverySetsTest, SeesWhatTheTransactionHasChanged) {
    const DeliveryRow first = insert_of_key(7, DeliveryState::pending);
    const DeliveryRow second = insert_of_key(7, DeliveryState::pending);
    const auto found = written(
        *database_,
        [&first](Transaction& transaction) -> Result<FoundDeliveries, StoreError> {
            const auto locked = find_deliveries_to_change(transaction, {first.id});
            if (!locked) return locked.error();
            DeliveryChange change = change_of(*locked->front());
            change.state = DeliveryState::delivered;
            change.queue.reset();
            const auto changed = change_found_delivery(transaction, change);
            if (!changed) return changed.error();
            return first_open_of_keys(transaction, {{kEndpoint, 7}});
        }
    );
    EXPECT_EQ(found, FoundDeliveries{second});
    EXPECT_EQ(find({first.id}).front()->state, DeliveryState::delivered);
    EXPECT_EQ(find({first.id}).front()->fence, first.fence + 1);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    DeliverySetsTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
