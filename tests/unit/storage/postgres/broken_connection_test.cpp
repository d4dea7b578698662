#include "tests/unit/storage/postgres_store.hpp"

#include <cstdlib>
#include <signal.h>
#include <thread>

namespace postern::storage {
namespace {

using BrokenConnection = PostgresStoreTest;

TEST_F(BrokenConnection, IsMadeAnewByTheNextTransaction) {
    cut_connections();
    EXPECT_TRUE(in_transaction(*database_, insert_named("x")).has_value());
    EXPECT_EQ(accounts_named("x"), 1);
}

TEST_F(BrokenConnection, IsMadeAnewByTheNextReadAndTheNextSingleStatement) {
    auto reader = database_->open_reader();
    ASSERT_TRUE(reader.has_value());
    cut_connections();
    ASSERT_TRUE((*reader)->begin_read().has_value());
    EXPECT_TRUE(find_account(**reader, kDefaultAccount).has_value());
    (*reader)->end_read();
    EXPECT_TRUE(find_account(database_->writer(), kDefaultAccount).has_value());
}

TEST_F(BrokenConnection, FailsTheTransactionThatItWasIn) {
    const auto cut_in_the_middle = [this](Transaction& transaction) -> Result<void, StoreError> {
        const auto inserted = insert_account(transaction, "first");
        EXPECT_TRUE(inserted.has_value());
        cut_connections();
        EXPECT_TRUE(find_account(transaction.connection(), kDefaultAccount).has_error());
        const auto second = insert_account(transaction, "second");
        return second ? Result<void, StoreError>{} : second.error();
    };
    EXPECT_TRUE(fails_with(in_transaction(*database_, cut_in_the_middle), StoreError::unavailable));
    EXPECT_EQ(accounts_named("first"), 0);
    EXPECT_FALSE(database_->poison().is_set());
    EXPECT_TRUE(in_transaction(*database_, insert_named("x")).has_value());
}

TEST_F(BrokenConnection, PreparesItsStatementsAgain) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(in_transaction(*database_, insert_named("x")).has_value());
        cut_connections();
    }
    EXPECT_EQ(accounts_named("x"), 3);
}

// With nobody to wait for, a server that should have a standby never says that it has committed.
struct Ending {
    const char* name;
    const char* function;
};
constexpr Ending kEndings[] = {
    {"the connection is cut", "pg_terminate_backend"},
    {"the wait for the standby is given up", "pg_cancel_backend"},
};

class UnknownCommit : public PostgresStoreTest {
 protected:
    void expect_a_standby(const std::string& name) const {
        server().run("ALTER SYSTEM SET synchronous_standby_names = '" + name + "'");
        server().run("SELECT pg_reload_conf()");
    }
    // Ends the wait of a commit for its standby, unless it is over without one.
    void end_wait(const Ending& ending, const std::atomic<bool>& is_over) const {
        const std::string waiting =
            " FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep'";
        while (!is_over && ask("SELECT pid" + waiting).empty()) {
        }
        static_cast<void>(ask("SELECT " + std::string{ending.function} + "(pid)" + waiting));
    }
    // The server begins to wait for standbys some time after it was told to.
    std::string commit_until_it_waits(const Ending& ending) {
        for (int i = 0;; ++i) {
            const std::string name = ending.function + std::to_string(i);
            std::atomic<bool> is_over = false;
            std::jthread end_it{[this, &ending, &is_over] {
                end_wait(ending, is_over);
            }};
            const auto committed = in_transaction(*database_, insert_named(name));
            is_over = true;
            if (committed) continue;
            EXPECT_EQ(committed.error(), StoreError::unavailable);
            return name;
        }
    }
};

TEST_F(UnknownCommit, IsNotTakenForOneThatHappened) {
    for (const Ending& ending : kEndings) {
        SCOPED_TRACE(ending.name);
        expect_a_standby("nobody");
        const std::string name = commit_until_it_waits(ending);
        expect_a_standby("");
        EXPECT_EQ(accounts_named(name), 1) << "and yet it had";
    }
}

TEST_F(UnknownCommit, LeavesNoMoreThanOneBehindThatWaitsForTheStandby) {
    limits_.statement_timeout = std::chrono::milliseconds{500};
    open();
    expect_a_standby("nobody");
    // The server begins to wait for standbys some time after it was told to.
    while (in_transaction(*database_, insert_named("x"))) {
    }
    for (int i = 0; i < 3; ++i) {
        const auto again = in_transaction(*database_, insert_named("y"));
        EXPECT_TRUE(fails_with(again, StoreError::unavailable));
    }
    const std::string waiting =
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event = 'SyncRep'";
    EXPECT_EQ(ask(waiting).size(), 1U);
    expect_a_standby("");
    wait_until("NOT EXISTS (" + waiting + ")");
    EXPECT_TRUE(in_transaction(*database_, insert_named("y")).has_value());
    EXPECT_EQ(accounts_named("y"), 1);
}

TEST_F(BrokenConnection, IsGivenUpWhenTheServerHasBecomeAStandby) {
    server().run("ALTER SYSTEM SET default_transaction_read_only = on");
    server().run("SELECT pg_reload_conf()");
    wait_until("current_setting('default_transaction_read_only') = 'on'");
    EXPECT_TRUE(fails_with(in_transaction(*database_, insert_named("x")), StoreError::unavailable));
    server().run("ALTER SYSTEM RESET default_transaction_read_only");
    server().run("SELECT pg_reload_conf()");
    wait_until("current_setting('default_transaction_read_only') = 'off'");
    Result<void, StoreError> done = StoreError::unavailable;
    while (!done) done = in_transaction(*database_, insert_named("x"));
    EXPECT_EQ(accounts_named("x"), 1);
}

TEST_F(BrokenConnection, LooksLikeOneThatStandsStill) {
    limits_.statement_timeout = std::chrono::milliseconds{1'000};
    open();
    auto& writer = database_->writer();
    auto query = writer.query("SELECT pg_backend_pid()");
    ASSERT_TRUE(query.step().has_value());
    const auto backend = static_cast<pid_t>(query.integer(0));
    ASSERT_EQ(::kill(backend, SIGSTOP), 0);
    EXPECT_TRUE(fails_with(in_transaction(*database_, insert_named("x")), StoreError::unavailable));
    EXPECT_TRUE(in_transaction(*database_, insert_named("y")).has_value()) << "by another one";
    ASSERT_EQ(::kill(backend, SIGCONT), 0);
    EXPECT_EQ(accounts_named("y"), 1);
}

}  // namespace
}  // namespace postern::storage
