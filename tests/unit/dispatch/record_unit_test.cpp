#include "dispatch/record_unit.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <vector>

namespace postern::dispatch {
namespace {

using storage::EndpointHealthRow;
using storage::Transaction;

class RecordUnitTest : public storage::StoreTest {
 protected:
    EndpointId add_endpoint(std::string uid) {
        storage::EndpointRow row;
        row.account = storage::kDefaultAccount;
        row.uid = std::move(uid);
        row.url = "https://merchant.example/hook";
        row.settings = "{}";
        return storage::written(*database_, [&row](Transaction& transaction) {
            return storage::insert_endpoint(transaction, row);
        });
    }
    void let_serve(EndpointId endpoint, std::int64_t node) {
        const auto work = [endpoint, node](Transaction& transaction) {
            static constexpr storage::Sql kServe{
                "INSERT INTO lanes (endpoint_id, node_id, fence) VALUES ($1, $2, 1)"};
            return transaction.query(kServe).bind(endpoint.value).bind(node).run();
        };
        ASSERT_TRUE(storage::in_transaction(*database_, work).has_value());
    }
    // The end of an attempt with which the endpoint's failures were so many.
    RecordUnit end(EndpointId endpoint, std::int64_t failures, storage::LaneHolder holder) {
        RecordEnd end{.finished = {}, .endpoint = endpoint, .health = std::nullopt};
        end.finished.delivery = DeliveryId{failures};
        end.finished.disposition.state = storage::DeliveryState::delivered;
        end.health = EndpointHealthRow{.endpoint = endpoint, .failures = failures};
        return RecordUnit{{.end = std::move(end), .holder = holder}, around_, on_written_};
    }
    void write_together(std::vector<RecordUnit>& ends) {
        std::vector<storage::WorkUnit*> units;
        for (RecordUnit& unit : ends) units.push_back(&unit);
        const auto work = [&units](Transaction& transaction) {
            return units.front()->group()->run(transaction, units);
        };
        ASSERT_TRUE(storage::in_transaction(*database_, work).has_value());
    }
    std::int64_t failures_of(EndpointId endpoint) {
        const auto health =
            storage::read(storage::find_endpoint_health(database_->writer(), endpoint));
        return health ? health->failures : 0;
    }

    net::Runtime runtime_{1};
    EndpointDirectory endpoints_;
    IdCodec ids_{{}};
    RecordUnit::Surroundings around_{endpoints_, ids_, runtime_.thread(0)};
    RecordUnit::OnWritten on_written_ = [](const RecordEnd&, const RecordUnit::Outcome&) {
    };
};

// Two that wait for the writer may be of before and after this node's lease ended and it went on
// under another number.
TEST_P(RecordUnitTest, WritesEachHealthInTheNameOfTheNodeThatItWasToldBy) {
    const EndpointId kept = add_endpoint("a");
    const EndpointId lost = add_endpoint("b");
    const EndpointId regained = add_endpoint("c");
    let_serve(kept, 1);
    let_serve(lost, 2);
    let_serve(regained, 3);
    std::vector<RecordUnit> ends;
    ends.push_back(end(kept, 4, {.node_id = 1}));
    ends.push_back(end(lost, 5, {.node_id = 1}));
    ends.push_back(end(regained, 6, {.node_id = 3}));
    write_together(ends);
    EXPECT_EQ(failures_of(kept), 4);
    EXPECT_EQ(failures_of(lost), 0) << "another node says how it stands";
    EXPECT_EQ(failures_of(regained), 6);
}

TEST_P(RecordUnitTest, WritesWhatIsToldWhereThereIsOneNodeOnly) {
    const EndpointId endpoint = add_endpoint("a");
    std::vector<RecordUnit> ends;
    ends.push_back(end(endpoint, 4, {}));
    ends.push_back(end(endpoint, 5, {}));
    write_together(ends);
    EXPECT_EQ(failures_of(endpoint), 5);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    RecordUnitTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::dispatch
