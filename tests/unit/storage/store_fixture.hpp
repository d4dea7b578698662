#pragma once

#include "storage/ingest.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/writer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace postern::storage {

class FixedClock final : public Clock {
 public:
    TimePoint now() const override { return at; }
    TimePoint at = from_unix_seconds(1'700'000'000);
};

class TemporaryDirectory {
 public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

enum class Disk { ours, of_a_server };

// The drivers that must all keep the port's contract.
struct Driver {
    const char* name;
    Disk disk;
    std::unique_ptr<Database> (*open)(const std::filesystem::path& directory, const Clock& clock);
};
const std::vector<Driver>& all_drivers();
std::string driver_name(const ::testing::TestParamInfo<Driver>& info);

// A value-parameterised suite: one store of the driver, opened.
class StoreTest : public ::testing::TestWithParam<Driver> {
 protected:
    void SetUp() override { reopen(); }
    void reopen();

    TemporaryDirectory directory_;
    FixedClock clock_;
    std::unique_ptr<Database> database_;
};

// Results print nothing, so they are compared by these.
template <class T>
bool holds(const Result<T, StoreError>& result, const std::type_identity_t<T>& value) {
    return result.has_value() && *result == value;
}
template <class T>
bool fails_with(const Result<T, StoreError>& result, StoreError error) {
    return result.has_error() && result.error() == error;
}

using UnitResult = Result<Committed, StoreError>;

// A unit whose work is a function, and whose end can be waited for.
class TestUnit final : public WorkUnit {
 public:
    using Work = std::function<Result<void, StoreError>(Transaction&)>;
    explicit TestUnit(Work work, WorkLane lane = WorkLane::general)
        : work_{std::move(work)}, lane_{lane} {}
    Result<void, StoreError> run(Transaction& transaction) override {
        runs += 1;
        return work_(transaction);
    }
    void done(UnitResult result) noexcept override { promise_.set_value(result); }
    WorkLane lane() const noexcept override { return lane_; }
    UnitResult wait() { return promise_.get_future().get(); }

    int runs = 0;

 private:
    Work work_;
    WorkLane lane_;
    std::promise<UnitResult> promise_;
};

class TestIngest final : public IngestUnit {
 public:
    explicit TestIngest(IngestRequest request) : IngestUnit{std::move(request)} {}
    void done(UnitResult result) noexcept override { promise_.set_value(result); }
    UnitResult wait() { return promise_.get_future().get(); }

 private:
    std::promise<UnitResult> promise_;
};

// Holds a lane of the writer inside a batch until it is released, so that what is submitted to it
// meanwhile is one batch for certain.
class Gate {
 public:
    explicit Gate(Writer& writer, WorkLane lane = WorkLane::general);
    void open() { release_.set_value(); }
    ~Gate() { unit_.wait(); }

 private:
    std::promise<void> entered_;
    std::promise<void> release_;
    TestUnit unit_;
};

// Runs it in a transaction of its own, without a writer.
Result<void, StoreError>
in_transaction(Database& database, const TestUnit::Work& work, TimePoint now = FixedClock{}.at);
// The same for work that answers with something, which must succeed.
template <class Work>
auto written(Database& database, Work work, TimePoint now = FixedClock{}.at) {
    typename std::invoke_result_t<Work, Transaction&>::value_type value{};
    const auto run = [&](Transaction& transaction) -> Result<void, StoreError> {
        auto result = work(transaction);
        if (!result) return result.error();
        value = std::move(*result);
        return {};
    };
    const auto done = in_transaction(database, run, now);
    EXPECT_TRUE(done.has_value());
    return value;
}
// What a read that must succeed answers.
template <class T>
T read(Result<T, StoreError> result) {
    EXPECT_TRUE(result.has_value());
    return result ? std::move(*result) : T{};
}
std::int64_t count_rows(Connection& connection, const std::string& table);
IngestRequest request_with(std::vector<IngestEvent> events, std::string_view body);
IngestEvent payment_event(std::string_view gateway_event_id);

}  // namespace postern::storage
