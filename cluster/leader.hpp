#pragma once

#include "cluster/membership.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace postern::cluster {

// One node of all does something: it holds a lease, whose fence is a greater number for each new
// holder. What a holder writes looks at the fence in the same transaction, so one that was frozen
// and wakes changes nothing. Its work is done as a chore of the membership.
class Leader {
 public:
    struct Parts {
        Membership& membership;
        Membership::ServerTime server_time = storage::server_time;
        MembershipTiming timing = {};
    };
    explicit Leader(Parts parts) : parts_{parts} {}
    Leader(const Leader&) = delete;
    Leader& operator=(const Leader&) = delete;

    // Before the membership is started. Told on the chores' thread, so quickly done.
    using Told = std::function<void()>;
    struct Wish {
        std::string name;
        Told on_gained;
        Told on_lost;
    };
    void hold(Wish wish);
    using Done = Result<void, storage::StoreError>;
    // The chore: takes what is free, keeps what is ours.
    Done look(storage::WriteConnection& connection);
    // Somebody else may take over at once. After the membership's threads have ended.
    void release(storage::WriteConnection& connection);

    // Any thread, the rest.
    bool is_ours() const;
    std::int64_t holder() const;  // a member's id, as of the last look; 0: nobody
    // In a transaction that has its turn: `closed` unless the lease is ours.
    Result<void, storage::StoreError> check(storage::Transaction& transaction) const;

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Term {
        std::int64_t node = 0;
        std::int64_t fence = 0;
        SteadyTime until = {};
    };

    Done extend(storage::WriteConnection& connection, const Term& term);
    Done try_to_take(storage::WriteConnection& connection, std::int64_t node);
    std::optional<Term> term() const;
    void lose();
    void note_holder(std::int64_t node);

    Parts parts_;
    Wish wish_;
    SteadyTime look_at_{};  // the chores' thread only

    mutable std::mutex mutex_;  // guards what follows
    std::optional<Term> term_;
    std::int64_t holder_ = 0;
};

}  // namespace postern::cluster
