#pragma once

#include "payments/records/payment_records.hpp"
#include "storage/account_repository.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <utility>

namespace postern::payments {

inline constexpr Owner kMerchant{storage::kDefaultAccount, storage::Livemode::test};
inline constexpr Owner kMerchantLive{storage::kDefaultAccount, storage::Livemode::live};

// A store of its own for each test, and a clock that stands where the test puts it.
class RecordsTest : public ::testing::Test {
 protected:
    void SetUp() override {
        storage::SqliteOptions options{.directory = directory_.path() / "store"};
        options.limits.reserve_bytes = 1 << 20;
        auto opened = storage::open_sqlite(std::move(options), clock_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database_ = std::move(*opened);
    }

    Connection& connection() { return database_->writer(); }

    // Work whose success is expected.
    template <class Work>
    void write(Work work) {
        EXPECT_TRUE(try_write(std::move(work)).has_value());
    }
    template <class Work>
    Result<void, StoreError> try_write(Work work) {
        storage::WriteConnection& writer = database_->writer();
        const auto begun = writer.begin();
        if (!begun) return begun.error();
        Transaction transaction{{writer, database_->ids(), clock_.at}};
        const Result<void, StoreError> done = work(transaction);
        if (done) return writer.commit();
        writer.rollback();
        return done.error();
    }
    void pass(std::chrono::microseconds time) { clock_.at += time; }

    Payment insert(Payment payment) {
        write([&payment](Transaction& transaction) { return insert_payment(transaction, payment); }
        );
        return payment;
    }
    Payment update(const Payment& before, Payment after) {
        write([&](Transaction& transaction) -> Result<void, StoreError> {
            const auto updated = update_payment(transaction, after, before);
            if (!updated) return updated.error();
            EXPECT_TRUE(*updated);
            return {};
        });
        return after;
    }

    storage::TemporaryDirectory directory_;
    storage::FixedClock clock_;
    std::unique_ptr<storage::Database> database_;
};

inline Payment payment_of(std::int64_t minor, Owner owner = kMerchant) {
    Payment payment;
    payment.owner = owner;
    payment.amount = {minor, currency("usd")};
    payment.gateway = storage::GatewayNumber{1};
    payment.client_secret = "cs";
    return payment;
}

}  // namespace postern::payments
