#pragma once

#include "cluster/membership.hpp"
#include "storage/postgres/postgres_database.hpp"
#include "tests/unit/storage/postgres_server.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace postern::cluster {

// The clock of the server as the test tells it.
inline TimePoint& told_time() {
    static TimePoint time;
    return time;
}
// Passes after the next reading: what was asked for was on its way for so long.
inline std::chrono::milliseconds& told_delay() {
    static std::chrono::milliseconds delay{0};
    return delay;
}
inline Result<TimePoint, storage::StoreError> read_told_time(storage::Connection&) {
    const TimePoint time = told_time();
    told_time() += std::exchange(told_delay(), std::chrono::milliseconds{0});
    return time;
}

// A daemon as far as the others see it: a store of its own over the shared database.
struct TestNode {
    TestNode(
        const std::string& url,
        const Clock& clock,
        std::string name,
        const MembershipTiming& timing = {},
        Member::Delivers delivers = Member::Delivers::yes
    ) {
        auto opened = storage::open_postgres({.url = url}, clock);
        EXPECT_TRUE(opened.has_value()) << opened.error().message;
        database = std::move(*opened);
        writer = std::make_unique<storage::Writer>(*database, clock, storage::WriterOptions{});
        membership = std::make_unique<Membership>(Membership::Parts{
            .database = *database,
            .writer = *writer,
            .side = open_brisk_side(),
            .chores_side = open_side(),
            .name = name,
            .home = "home of " + name,
            .version = "1",
            .delivers = delivers,
            .timing = timing,
            .server_time = read_told_time});
    }

    std::unique_ptr<storage::WriteConnection> open_side() const {
        auto side = database->open_side();
        EXPECT_TRUE(side.has_value());
        return std::move(*side);
    }

    std::unique_ptr<storage::WriteConnection> open_brisk_side() const {
        auto side = storage::open_brisk_side(*database);
        EXPECT_TRUE(side.has_value());
        return std::move(*side);
    }

    std::unique_ptr<storage::Database> database;
    std::unique_ptr<storage::Writer> writer;
    std::unique_ptr<Membership> membership;
};

class ClusterTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!storage::PostgresServer::is_installed()) GTEST_SKIP() << "PostgreSQL is missing";
        url_ = storage::PostgresServer::instance().url_of(directory_.path());
        told_time() = clock_.at;
    }

    std::unique_ptr<TestNode> make_node(std::string name, const MembershipTiming& timing = {}) {
        return std::make_unique<TestNode>(url_, clock_, std::move(name), timing);
    }
    std::unique_ptr<TestNode> make_node(std::string name, Member::Delivers delivers) {
        return std::make_unique<TestNode>(
            url_, clock_, std::move(name), MembershipTiming{}, delivers
        );
    }
    static void pass(std::chrono::milliseconds time) { told_time() += time; }

    storage::TemporaryDirectory directory_;
    storage::FixedClock clock_;
    std::string url_;
};

}  // namespace postern::cluster
