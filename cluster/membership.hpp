#pragma once

#include "core/result.hpp"
#include "storage/node_repository.hpp"
#include "storage/writer.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace postern::cluster {

// As many as ids can tell apart.
inline constexpr unsigned kNodesMax = 1U << kIdNodeBits;

struct Member {
    std::int64_t id = 0;
    unsigned number = 0;
    std::string name;
    using Delivers = storage::NodeRow::Delivers;
    Delivers delivers = Delivers::yes;
    bool operator==(const Member&) const = default;
};

// What this process is to the others, as long as it lasts.
struct NodeLease {
    using SteadyTime = std::chrono::steady_clock::time_point;
    std::int64_t node = 0;  // another one after a lease was lost; 0: none yet
    unsigned number = 0;
    // Counted from before it was asked for and with a margin, so never too generous.
    SteadyTime until = {};
};

struct MembershipTiming {
    std::chrono::milliseconds beat_every{1'000};
    std::chrono::milliseconds extend_every{3'000};
    std::chrono::milliseconds lease{10'000};
    // So long before others may take over this one stops: what it has just begun gets on its way.
    std::chrono::milliseconds margin{1'500};
    // A dead node's number is given again last, and its row is kept for so long to know that.
    std::chrono::hours row_kept{1};
};

// The lowest number that no row has; else that of the row whose lease ended first; nullopt: as many
// live as there are numbers.
std::optional<unsigned> choose_number(const std::vector<storage::NodeRow>& nodes, TimePoint now);

// This process as one of the nodes of a store: its row there, extended on a thread of its own while
// it works. A lease that ended is never taken up again, since others may have taken over what it
// stood for: the node then joins anew, as another one.
class Membership {
 public:
    using ServerTime = Result<TimePoint, storage::StoreError> (*)(storage::Connection&);
    struct Parts {
        storage::Database& database;
        storage::Writer& writer;
        // For the lease alone, and soon at its wits' end: what else is done never keeps it waiting.
        std::unique_ptr<storage::WriteConnection> side;
        std::unique_ptr<storage::WriteConnection> chores_side;
        std::string name;
        // Of the data directory, in which no other process runs: who had it before is dead.
        std::string home;
        std::string version;
        Member::Delivers delivers = Member::Delivers::yes;
        MembershipTiming timing = {};
        ServerTime server_time = storage::server_time;
    };
    explicit Membership(Parts parts);
    ~Membership();  // stops, and does not say so
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    // Takes a number and has ids made in its name. Once before start(); then the thread sees to it.
    Result<void, Complaint> join();
    void start();
    // The others need not wait for the lease's end. The writer is not needed any more.
    void leave();

    // Something that is done at each beat and after each wake(), on the chores' thread, with their
    // connection. Before start(), in the order in which they are added. What it answers tells
    // whether the store is reached; to do it again is its own affair.
    using Chore = std::function<Result<void, storage::StoreError>(storage::WriteConnection&)>;
    void add_chore(Chore chore);
    void wake();  // any thread
    // Extends the lease, or joins anew, whether it is time or not. For the thread, and for tests.
    Result<void, storage::StoreError> keep();

    // Any thread, the rest.
    NodeLease lease() const;
    std::int64_t id() const { return lease().node; }
    unsigned number() const { return lease().number; }
    std::chrono::steady_clock::time_point lease_until_steady() const { return lease().until; }
    // By id, this one included, as of the last beat that reached the store.
    std::vector<Member> live() const;
    std::size_t live_count() const;  // at least 1
    bool reaches_store() const;      // as of the last beat and the last chores

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    enum class Joined { yes, full, failed };
    // As the one that died here before, or as another after our own lease was lost.
    enum class As { heir, newcomer };

    enum class Reach { yes, no };
    // Since the machine was started, including the time that it slept, which a steady clock leaves
    // out and others do not.
    using BootTime = std::chrono::nanoseconds;
    struct Held {
        std::int64_t node = 0;
        unsigned number = 0;
        BootTime until{0};
    };

    void run_beats();
    void run_chores();
    void do_chores();
    void end_threads();
    Joined try_join(As as);
    // False: the lease was lost.
    Result<bool, storage::StoreError> extend(const storage::LeaseTerm& term);
    Result<void, storage::StoreError> read_members();
    using Done = Result<void, storage::StoreError>;
    void note_reach(Reach& noted, const Done& last);
    static BootTime boot_time();
    BootTime end_of_lease(BootTime asked_at) const;
    void hold(const Held& held);
    void note_live(std::vector<Member> live);

    Parts parts_;
    std::vector<Chore> chores_;
    SteadyTime extend_at_{};    // the beats' thread only, like the next two
    TimePoint term_ends_at_{};  // by the server's clock
    TimePoint started_at_{};    // of our row: another process may have taken it

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    Held held_;
    std::vector<Member> live_;
    Reach beats_reach_ = Reach::yes;
    Reach chores_reach_ = Reach::yes;
    bool woken_ = false;
    bool stopping_ = false;
    std::jthread beats_;
    std::jthread chores_thread_;
};

}  // namespace postern::cluster
