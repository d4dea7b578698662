#include "storage/endpoint_repository.hpp"

#include "storage/account_repository.hpp"
#include "storage/writer.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

constexpr EndpointOwner kOwner{.account = kDefaultAccount, .livemode = Livemode::test};

class EndpointRepositoryTest : public StoreTest {
 protected:
    EndpointRow row_with(std::string uid) const {
        EndpointRow row;
        row.account = kDefaultAccount;
        row.uid = std::move(uid);
        row.url = "https://merchant.example/hook";
        row.created_at = clock_.now();
        row.updated_at = clock_.now();
        row.settings = R"({"ordering":"payment"})";
        row.secrets = std::string{"\0sealed\xff", 8};
        return row;
    }
    EndpointRow insert(EndpointRow row) {
        row.id = written(*database_, [&row](Transaction& transaction) {
            return insert_endpoint(transaction, row);
        });
        return row;
    }
    bool update(const EndpointRow& row) {
        return written(*database_, [&row](Transaction& transaction) {
            return update_endpoint(transaction, row);
        });
    }
    std::int64_t sequence_of(EndpointId id) {
        return written(*database_, [id](Transaction& transaction) {
            return next_sequence(transaction, id);
        });
    }
    bool is_refused(const EndpointRow& row) {
        const auto done = in_transaction(*database_, [&row](Transaction& transaction) {
            const auto inserted = insert_endpoint(transaction, row);
            return inserted ? Result<void, StoreError>{} : inserted.error();
        });
        return fails_with(done, StoreError::constraint);
    }
    std::optional<EndpointRow> find(EndpointId id) { return read(find_endpoint(connection(), id)); }
    Connection& connection() { return database_->writer(); }
};

TEST_P(EndpointRepositoryTest, FindsWhatWasInsertedByIdAndByUid) {
    EndpointRow row = row_with("main");
    row.livemode = Livemode::live;
    row.status = EndpointStatus::disabled;
    row.disabled_reason = "gone";
    row = insert(row);
    EXPECT_EQ(find(row.id), row);
    const EndpointOwner live{kDefaultAccount, Livemode::live};
    EXPECT_EQ(read(find_endpoint_by_uid(connection(), live, "main")), row);
    EXPECT_FALSE(read(find_endpoint_by_uid(connection(), kOwner, "main")).has_value());
    EXPECT_FALSE(find(EndpointId{1}).has_value());

    EndpointRow chosen = row_with("");
    chosen.id = EndpointId{5};
    EXPECT_EQ(insert(chosen).id, EndpointId{5});
    EXPECT_FALSE(read(find_endpoint_by_uid(connection(), kOwner, "")).has_value());
}

TEST_P(EndpointRepositoryTest, KeepsAUidToOneOfThoseThatAreNotDeleted) {
    EndpointRow first = insert(row_with("main"));
    EXPECT_TRUE(is_refused(row_with("main")));
    EndpointRow live = row_with("main");
    live.livemode = Livemode::live;
    insert(live);
    insert(row_with(""));
    insert(row_with(""));
    first.deleted_at = clock_.now();
    EXPECT_TRUE(update(first));
    const EndpointRow second = insert(row_with("main"));
    EXPECT_EQ(read(find_endpoint_by_uid(connection(), kOwner, "main")), second);
    EXPECT_TRUE(find(first.id)->deleted_at.has_value()) << "its deliveries still name it";
}

TEST_P(EndpointRepositoryTest, UpdatesOnlyTheRevisionThatWasRead) {
    EndpointRow row = insert(row_with("main"));
    EXPECT_EQ(sequence_of(row.id), 1);
    EndpointRow changed = row;
    changed.uid = "other";
    changed.url = "https://merchant.example/new";
    changed.status = EndpointStatus::disabled;
    changed.disabled_reason = "manual";
    changed.updated_at = clock_.now() + std::chrono::seconds{1};
    changed.settings = "{}";
    changed.secrets = "sealed again";
    EXPECT_TRUE(update(changed));
    changed.revision = 2;
    changed.last_sequence = 1;
    EXPECT_EQ(find(row.id), changed);
    EXPECT_FALSE(update(row)) << "somebody else was faster";
    EXPECT_EQ(find(row.id), changed);
    EndpointRow unknown = row;
    unknown.id = EndpointId{1};
    EXPECT_FALSE(update(unknown));
}

TEST_P(EndpointRepositoryTest, ListsAndCountsAnOwnersThatAreNotDeleted) {
    std::vector<EndpointRow> expected;
    for (int i = 0; i < 5; ++i) {
        EndpointRow row = insert(row_with(std::to_string(i)));
        if (i == 2) {
            row.deleted_at = clock_.now();
            EXPECT_TRUE(update(row));
        } else {
            expected.push_back(row);
        }
    }
    EndpointRow live = row_with("live");
    live.livemode = Livemode::live;
    live = insert(live);
    EXPECT_EQ(read(count_endpoints(connection(), kOwner)), 4);
    auto all = expected;
    all.push_back(live);
    EXPECT_EQ(read(load_endpoints(connection())), all);

    const auto page =
        read(list_endpoints(connection(), kOwner, {.order = Order::oldest_first, .rows_max = 3}));
    EXPECT_EQ(page.rows, (std::vector{expected[0], expected[1], expected[2]}));
    EXPECT_EQ(page.more, Page<EndpointRow>::More::yes);
    const auto newest =
        read(list_endpoints(connection(), kOwner, {.after = expected[2].id, .rows_max = 3}));
    EXPECT_EQ(newest.rows, (std::vector{expected[1], expected[0]}));
    EXPECT_EQ(newest.more, Page<EndpointRow>::More::no);
}

TEST_P(EndpointRepositoryTest, CountsSequencesOfEachEndpointWithoutAGap) {
    const EndpointId first = insert(row_with("a")).id;
    const EndpointId second = insert(row_with("b")).id;
    EXPECT_EQ(sequence_of(first), 1);
    EXPECT_EQ(sequence_of(first), 2);
    EXPECT_EQ(sequence_of(second), 1);
    EXPECT_EQ(sequence_of(first), 3);
    EXPECT_EQ(find(first)->last_sequence, 3);
    reopen();
    EXPECT_EQ(sequence_of(first), 4);
    const auto unknown = in_transaction(*database_, [](Transaction& transaction) {
        const auto next = next_sequence(transaction, EndpointId{1});
        return next ? Result<void, StoreError>{} : next.error();
    });
    EXPECT_TRUE(fails_with(unknown, StoreError::constraint));
}

TEST_P(EndpointRepositoryTest, GivesTheSequencesOfAFailedUnitToItsNeighbours) {
    const EndpointId id = insert(row_with("a")).id;
    std::vector<std::int64_t> taken(3);
    std::vector<std::unique_ptr<TestUnit>> units;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        units.push_back(std::make_unique<TestUnit>(
            [&taken, i, id](Transaction& transaction) -> Result<void, StoreError> {
                const auto next = next_sequence(transaction, id);
                if (!next) return next.error();
                taken[i] = *next;
                if (i == 1) return StoreError::failed;
                return {};
            }
        ));
    }
    Writer writer{*database_, clock_, {}};
    {
        Gate gate{writer};
        for (const auto& unit : units) ASSERT_EQ(writer.submit(*unit), Submitted::queued);
        gate.open();
    }
    EXPECT_TRUE(units[0]->wait().has_value());
    EXPECT_TRUE(units[1]->wait().has_error());
    EXPECT_TRUE(units[2]->wait().has_value());
    writer.stop();
    EXPECT_EQ(taken[0], 1);
    EXPECT_EQ(taken[2], 2);
    EXPECT_EQ(find(id)->last_sequence, 2);
}

TEST_P(EndpointRepositoryTest, KeepsTheHealthThatWasPutLast) {
    const EndpointId id = insert(row_with("a")).id;
    EXPECT_FALSE(read(find_endpoint_health(connection(), id)).has_value());
    EndpointHealthRow health{
        .endpoint = id,
        .failing_since = clock_.now(),
        .failures = 4,
        .not_before = clock_.now() + std::chrono::seconds{30},
        .breaker_openings = 2};
    for (int round = 0; round < 2; ++round) {
        SCOPED_TRACE(round);
        ASSERT_TRUE(in_transaction(*database_, [&health](Transaction& transaction) {
                        return put_endpoint_health(transaction, health);
                    }).has_value());
        EXPECT_EQ(read(find_endpoint_health(connection(), id)), health);
        EXPECT_EQ(read(load_endpoint_health(connection())), std::vector{health});
        health = EndpointHealthRow{.endpoint = id};
    }
}

TEST_P(EndpointRepositoryTest, LeavesOutTheHealthThatAFormerNodeTells) {
    const EndpointId id = insert(row_with("a")).id;
    const EndpointHealthRow ours{.endpoint = id, .failures = 4};
    const EndpointHealthRow theirs{.endpoint = id, .failures = 9};
    ASSERT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                    constexpr static Sql kServe{
                        "INSERT INTO lanes (endpoint_id, node_id, fence) VALUES ($1, 2, 1)"};
                    return transaction.query(kServe).bind(id.value).run();
                }).has_value());
    for (const std::int64_t node : {2, 1}) {
        const EndpointHealthRow& told = node == 2 ? ours : theirs;
        ASSERT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                        return put_endpoint_health(transaction, told, {.node_id = node});
                    }).has_value());
    }
    EXPECT_EQ(read(find_endpoint_health(connection(), id)), ours);
}

TEST_P(EndpointRepositoryTest, TakesSequencesOfSeveralEndpointsAtOnce) {
    const EndpointId first = insert(row_with("a")).id;
    const EndpointId second = insert(row_with("b")).id;
    const std::vector<SequenceDraw> draws = {
        {.endpoint = second, .count = 3}, {.endpoint = first, .count = 1}};
    for (const std::vector<std::int64_t>& expected :
         {std::vector<std::int64_t>{3, 1}, std::vector<std::int64_t>{6, 2}}) {
        const auto last = written(*database_, [&draws](Transaction& transaction) {
            return take_sequences(transaction, draws);
        });
        EXPECT_EQ(last, expected);
    }
    EXPECT_TRUE(fails_with(
        in_transaction(
            *database_,
            [](Transaction& transaction) -> Result<void, StoreError> {
                const auto taken = take_sequences(transaction, {{.endpoint = EndpointId{1}}});
                if (!taken) return taken.error();
                return {};
            }
        ),
        StoreError::constraint
    ));
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    EndpointRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
