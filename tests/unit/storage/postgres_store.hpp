#pragma once

#include "storage/account_repository.hpp"
#include "storage/postgres/postgres_database.hpp"
#include "tests/unit/storage/postgres_server.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <memory>
#include <string>

namespace postern::storage {

// One store on PostgreSQL, for what only that driver does.
class PostgresStoreTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!PostgresServer::is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
        database_name_ = server().database_of(directory_.path());
        limits_.hold = std::chrono::milliseconds{200};
        open();
    }
    void open() {
        database_.reset();
        const PostgresOptions options{.url = server().url(database_name_), .limits = limits_};
        auto opened = open_postgres(options, clock_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database_ = std::move(*opened);
    }
    static PostgresServer& server() { return PostgresServer::instance(); }
    std::vector<std::string> ask(const std::string& sql) const {
        return server().ask(database_name_, sql);
    }
    // Waits on what the server tells about itself: nothing else says when it has come so far.
    void wait_until(const std::string& condition) const {
        while (ask("SELECT (" + condition + ")::text").front() != "true") {
        }
    }
    // All that this store holds open, as an administrator or a failover would.
    void cut_connections() const {
        static_cast<void>(
            ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'postern'")
        );
        wait_until(
            "NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'postern')"
        );
    }
    static TestUnit::Work insert_named(std::string name) {
        return [name](Transaction& transaction) -> Result<void, StoreError> {
            const auto inserted = insert_account(transaction, name);
            if (!inserted) return inserted.error();
            return {};
        };
    }
    std::int64_t accounts_named(const std::string& name) {
        return count_rows(database_->writer(), "accounts WHERE name = '" + name + "'");
    }

    TemporaryDirectory directory_;
    FixedClock clock_;
    PostgresLimits limits_;
    std::string database_name_;
    std::unique_ptr<Database> database_;
};

}  // namespace postern::storage
