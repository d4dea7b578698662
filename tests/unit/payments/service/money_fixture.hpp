#pragma once

#include "payments/records/ledger_records.hpp"
#include "payments/service/balance_service.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

namespace postern::payments {

using Names = std::vector<std::string>;
using Sentences = std::vector<std::string>;

// What a merchant has in one currency.
struct Balance {
    std::int64_t pending = 0;
    std::int64_t available = 0;
    std::int64_t instant = 0;
    bool operator==(const Balance&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Balance& balance) {
        return out << "pending " << balance.pending << ", available " << balance.available
                   << ", instant " << balance.instant;
    }
};

// Whatever a test did, its books balance at its end.
class MoneyTest : public ServiceTest {
 protected:
    void TearDown() override { EXPECT_EQ(read(audit_books(connection())), Sentences{}); }

    Balance balance() {
        const CurrencyBalance balance = read(read_balance(connection(), owner_, kUsd));
        return {balance.pending(), balance.available(), balance.instant_available()};
    }
    std::int64_t in(LedgerAccount account) {
        return read(read_balance(connection(), owner_, kUsd)).of(account);
    }
    void pass(std::chrono::microseconds time) { clock_.at += time; }
    std::size_t settle_all() {
        return read(run([](Work& work) { return settle_due(work, 100); }));
    }
    BalanceTransaction line(const std::optional<BalanceTransactionId>& id) {
        EXPECT_TRUE(id.has_value());
        const auto found =
            read(find_balance_transaction(connection(), owner_, id.value_or(BalanceTransactionId{}))
            );
        EXPECT_TRUE(found.has_value());
        return found.value_or(BalanceTransaction{});
    }
    Owner another_owner() {
        const AccountId account = read(write([](storage::Transaction& transaction) {
            return storage::insert_account(transaction, "another");
        }));
        return {account, storage::Livemode::test};
    }
    // At least so much.
    void fill_available(std::int64_t minor) {
        const Charge charge = *pay({.card = kAvailableCard, .minor = minor}).charge;
        const std::int64_t fee = line(charge.balance_transaction).fee;
        pay({.card = kAvailableCard, .minor = 2 * fee});
        told();
    }
    // The sandbox's provider says what it has to say by then.
    void let_providers_speak() {
        for (const MessageRow& row : messages()) {
            if (row.due_at > clock_.now()) continue;
            hear(row.message.event, gateways_.find(row.gateway)->name);
            EXPECT_TRUE(write([&row](storage::Transaction& transaction) {
                            return delete_message(transaction, row.id);
                        }).has_value());
        }
    }
};

}  // namespace postern::payments
