#pragma once

#include "payments/card_desk.hpp"
#include "payments/work.hpp"
#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postern::payments {

using storage::read;

// Remembers what was told.
class RecordingDoor final : public EventDoor {
 public:
    Result<EventId, StoreError> announce(storage::Transaction&, const Announcement& told) override {
        announcements.push_back(told);
        return EventId{static_cast<std::int64_t>(announcements.size())};
    }
    std::vector<std::string> stripe_types() const {
        std::vector<std::string> types;
        for (const Announcement& told : announcements) types.push_back(told.stripe_type);
        return types;
    }

    std::vector<Announcement> announcements;
};

// One store, with what the payment API works with around it.
class PaymentsTest : public storage::StoreTest {
 protected:
    // In a transaction of its own at the clock's time; what a refusal wrote is committed, as the
    // daemon does it.
    template <class Run>
    auto work(Run run) {
        return in_transaction_at_clock([this, &run](storage::Transaction& transaction) {
            Work work{transaction, around_, door_, owner_, {}};
            return run(work);
        });
    }
    template <class Run>
    auto write(Run run) {
        return in_transaction_at_clock(run);
    }
    storage::Connection& connection() { return database_->writer(); }
    Books books() { return {connection(), around_, owner_, clock_.now()}; }

    Owner owner_{storage::kDefaultAccount, storage::Livemode::test};
    GatewayBook gateways_{{}, ""};
    CardDesk desk_{"a secret for fingerprints", {}};
    Surroundings around_{IdCodec{SipKey{}}, gateways_, desk_, "http://127.0.0.1:8080"};
    RecordingDoor door_;

 private:
    template <class Run>
    auto in_transaction_at_clock(Run run) {
        storage::WriteConnection& connection = database_->writer();
        EXPECT_TRUE(connection.begin().has_value());
        storage::Transaction transaction{{connection, database_->ids(), clock_.now()}};
        auto result = run(transaction);
        EXPECT_TRUE(connection.commit().has_value());
        return result;
    }
};

// What was done and must have succeeded.
template <class T>
T done(Done<T> result) {
    if (!result.has_value()) {
        const Failure failure = result.error();
        const Refusal* refusal = failure.refusal();
        ADD_FAILURE() << (refusal ? "refused: " + refusal->detail : std::string{"store error"});
        return T{};
    }
    return std::move(*result);
}
// Why it was refused, as it must have been.
template <class T>
Reason refused(const Done<T>& result) {
    const Failure failure = result.error();
    const Refusal* refusal = result.has_value() ? nullptr : failure.refusal();
    EXPECT_NE(refusal, nullptr);
    return refusal ? refusal->reason : Reason{};
}

inline const Currency kUsd{};
inline Currency currency(std::string_view code) {
    const auto parsed = Currency::parse(code);
    EXPECT_TRUE(parsed.has_value());
    return parsed.value_or(Currency{});
}

}  // namespace postern::payments
