#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "storage/values.hpp"
#include "verifiers/registry.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// What is remembered of a request that was refused: enough to find the mistake, nothing to leak.
struct RefusalRecord {
    TimePoint at;
    verifiers::VerifyFailure failure = verifiers::VerifyFailure::malformed;
    std::string peer_address;
    std::string field_names;  // comma separated
    std::string body_sha256;  // hex
    std::size_t body_bytes = 0;
};

struct GatewayHealth {
    std::optional<TimePoint> last_verified_at;
    std::uint64_t verified = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t unrecognised = 0;
    std::array<std::uint64_t, verifiers::kVerifyFailureCount> refused{};
    std::vector<RefusalRecord> recent_refusals;  // newest first, bounded
};

// Counts since start; written by every io thread.
class GatewayWatch {
 public:
    void verified(TimePoint now);
    void duplicate() { duplicates_.fetch_add(1, std::memory_order_relaxed); }
    void unrecognised() { unrecognised_.fetch_add(1, std::memory_order_relaxed); }
    void refused(RefusalRecord record);
    GatewayHealth health() const;

 private:
    static constexpr std::size_t kRecordsMax = 32;

    std::atomic<std::int64_t> last_verified_us_{0};
    std::atomic<std::uint64_t> verified_{0};
    std::atomic<std::uint64_t> duplicates_{0};
    std::atomic<std::uint64_t> unrecognised_{0};
    std::array<std::atomic<std::uint64_t>, verifiers::kVerifyFailureCount> refused_{};
    mutable std::mutex mutex_;
    std::deque<RefusalRecord> records_;
};

// The provider as the configuration has it today. Requests under way go on with the one that they
// began with, so a replaced one is kept: a few kilobytes for each change of a secret.
class ProviderInUse {
 public:
    ProviderInUse& operator=(std::unique_ptr<verifiers::Provider> provider) {
        const std::lock_guard lock{mutex_};
        current_.store(provider.get(), std::memory_order_release);
        kept_.push_back(std::move(provider));
        return *this;
    }
    const verifiers::Provider& operator*() const {
        return *current_.load(std::memory_order_acquire);
    }
    const verifiers::Provider* operator->() const { return &**this; }

 private:
    std::atomic<const verifiers::Provider*> current_{nullptr};
    std::mutex mutex_;
    std::vector<std::unique_ptr<verifiers::Provider>> kept_;
};

// One [[gateway]] of the configuration, ready to work.
struct Gateway {
    std::string id;  // in the URL
    const verifiers::ProviderKind* kind = nullptr;
    enum class Mode { sandbox, live } mode = Mode::sandbox;
    enum class State { enabled, disabled };
    std::atomic<State> state{State::enabled};
    storage::Livemode livemode = storage::Livemode::test;
    AccountId account;
    storage::GatewayNumber number;
    ProviderInUse provider;
    mutable GatewayWatch watch;
};

// All instances by the name in the path. Once built, which there are never changes; their providers
// and states may, at any time.
class GatewayDirectory {
 public:
    void add(std::unique_ptr<Gateway> gateway);
    // Any thread; the gateway must be there.
    void change(std::string_view id, Gateway::State state);
    void change(std::string_view id, std::unique_ptr<verifiers::Provider> provider);
    const Gateway* find(std::string_view id) const;
    const Gateway* find(storage::GatewayNumber number) const;
    std::vector<const Gateway*> all() const;  // by id

 private:
    std::map<std::string, std::unique_ptr<Gateway>, std::less<>> by_id_;
};

}  // namespace postern::daemon
