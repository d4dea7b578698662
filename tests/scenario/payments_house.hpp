#pragma once

#include "core/time.hpp"
#include "payments/card_desk.hpp"
#include "payments/work.hpp"
#include "storage/account_repository.hpp"
#include "storage/database.hpp"
#include "tests/scenario/payments_provider.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace postern::payments::scenario {

class SettableClock final : public Clock {
 public:
    TimePoint now() const override { return at; }
    TimePoint at = from_unix_seconds(1'750'000'000);
};

// What was told, by its name in the unified vocabulary or in Stripe's.
struct Told {
    std::string name;
    std::int64_t subject = 0;
};

// Keeps events as the daemon does, so that services find what was told before.
class KeepingDoor final : public EventDoor {
 public:
    Result<EventId, StoreError>
    announce(storage::Transaction& transaction, const Announcement& told) override;

    std::vector<Told> told;
};

class TemporaryFolder {
 public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

inline constexpr std::string_view kDistant = "distant";

// A store with the payment services on it, as the daemon builds them: sandboxes that answer at once
// and one gateway far away.
class House {
 public:
    House();

    enum class Fate : std::uint8_t { commits, crashes };
    // One unit of work. Crashed: as if it had never been, and so is what it told.
    template <class Run>
    auto work(Fate fate, Run run) {
        storage::WriteConnection& connection = database_->writer();
        require(connection.begin());
        const std::size_t told_before = door.told.size();
        storage::Transaction transaction{{connection, database_->ids(), clock.at}};
        Work unit{transaction, around_, door, owner, {}};
        auto result = run(unit);
        if (fate == Fate::commits && !is_store_error(result)) {
            require(connection.commit());
        } else {
            connection.rollback();
            door.told.resize(told_before);
        }
        return result;
    }
    Books books() { return {database_->writer(), around_, owner, clock.at}; }
    storage::Connection& connection() { return database_->writer(); }
    const GatewayBook& gateways() const { return gateways_; }
    const CardDesk& cards() const { return cards_; }
    // The first column of the first row of a statement.
    std::int64_t number(const std::string& sql);
    std::vector<std::int64_t> numbers(const std::string& sql);

    SettableClock clock;
    KeepingDoor door;
    Owner owner{storage::kDefaultAccount, storage::Livemode::test};
    Provider provider;

 private:
    static void require(const Result<void, StoreError>& done);
    template <class T>
    static bool is_store_error(const Result<T, StoreError>& result) {
        return result.has_error();
    }
    template <class T>
    static bool is_store_error(const Done<T>& result) {
        return result.has_error() && result.error().store_error() != nullptr;
    }

    TemporaryFolder folder_;
    std::unique_ptr<storage::Database> database_;
    IdCodec ids_;
    GatewayBook gateways_;
    CardDesk cards_{"a secret for fingerprints", {}};
    Surroundings around_;
};

}  // namespace postern::payments::scenario
