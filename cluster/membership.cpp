#include "cluster/membership.hpp"

#include "core/crypto.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <future>

namespace postern::cluster {

using std::chrono::steady_clock;
using storage::NodeRow;
using storage::StoreError;

namespace {

// Whole numbers that a script in Redis, whose numbers are doubles, can still tell apart.
constexpr int kNodeIdBits = 52;

std::int64_t random_node_id() {
    std::uint64_t bits = 0;
    const std::string bytes = random_bytes(sizeof bits);
    std::memcpy(&bits, bytes.data(), sizeof bits);
    return static_cast<std::int64_t>(bits >> (64 - kNodeIdBits)) | 1;
}

std::vector<Member> living(const std::vector<NodeRow>& nodes, TimePoint now) {
    std::vector<Member> live;
    for (const NodeRow& row : nodes) {
        if (row.lease_until <= now) continue;
        live.push_back(
            {.id = row.id,
             .number = static_cast<unsigned>(row.number),
             .name = row.name,
             .delivers = row.delivers}
        );
    }
    return live;
}

// Nodes that start together take their turns, so no two choose the same number.
class JoinUnit final : public storage::WorkUnit {
 public:
    struct Wish {
        NodeRow row;  // without number and times
        enum class Heir { no, yes } heir = Heir::no;
        const MembershipTiming& timing;
        Membership::ServerTime server_time;
    };
    explicit JoinUnit(Wish wish) : wish_{std::move(wish)} {}

    Result<void, StoreError> run(storage::Transaction& transaction) override {
        id_ = wish_.row.id;
        started_at_ = {};
        number_.reset();
        live_.clear();
        if (const auto turn = transaction.take_turn(); !turn) return turn.error();
        const auto now = wish_.server_time(transaction.connection());
        if (!now) return now.error();
        started_at_ = *now;
        const auto nodes = storage::list_nodes(transaction.connection());
        if (!nodes) return nodes.error();
        live_ = living(*nodes, *now);
        if (const NodeRow* before = predecessor(*nodes)) {
            return resume(transaction, *before, *now);
        }
        const auto number = choose_number(*nodes, *now);
        if (!number) return {};
        const auto freed = free_number(transaction, *nodes, {*number, *now});
        if (!freed) return freed.error();
        NodeRow row = wish_.row;
        row.number = *number;
        row.started_at = *now;
        row.lease_until = *now + wish_.timing.lease;
        const auto inserted = storage::insert_node(transaction, row);
        if (!inserted) return inserted.error();
        number_ = *number;
        lease_until_ = row.lease_until;
        return {};
    }

    void done(Result<storage::Committed, StoreError> result) noexcept override {
        result_.set_value(result);
    }
    Result<storage::Committed, StoreError> wait() { return result_.get_future().get(); }
    std::int64_t id() const { return id_; }
    TimePoint started_at() const { return started_at_; }
    std::optional<unsigned> number() const { return number_; }
    TimePoint lease_until() const { return lease_until_; }
    // As they were when it joined; this one may be missing.
    std::vector<Member> take_live() { return std::move(live_); }

 private:
    // The process that ran in our data directory before us. It may have lost its lease and joined
    // anew, so the last of its rows counts.
    const NodeRow* predecessor(const std::vector<NodeRow>& nodes) const {
        if (wish_.heir == Wish::Heir::no || wish_.row.home.empty()) return nullptr;
        const NodeRow* last = nullptr;
        for (const NodeRow& row : nodes) {
            if (row.home != wish_.row.home) continue;
            if (last == nullptr || row.started_at > last->started_at) last = &row;
        }
        return last;
    }

    Result<void, StoreError>
    resume(storage::Transaction& transaction, const NodeRow& before, TimePoint now) {
        NodeRow row = wish_.row;
        row.id = before.id;
        row.number = before.number;
        row.started_at = now;
        row.lease_until = now + wish_.timing.lease;
        const auto resumed = storage::resume_node(transaction, row);
        if (!resumed) return resumed.error();
        id_ = row.id;
        number_ = static_cast<unsigned>(row.number);
        lease_until_ = row.lease_until;
        return {};
    }

    struct Chosen {
        unsigned number;
        TimePoint now;
    };
    // Of whoever had it before, and takes away what is old. One that was extended since it was read
    // lives, so another number is to be chosen.
    Result<void, StoreError> free_number(
        storage::Transaction& transaction,
        const std::vector<NodeRow>& nodes,
        const Chosen& chosen
    ) const {
        for (const NodeRow& row : nodes) {
            const bool is_in_the_way = row.number == chosen.number;
            const bool is_old = row.lease_until + wish_.timing.row_kept <= chosen.now;
            if (!is_old && !is_in_the_way) continue;
            const auto gone = storage::delete_ended_node(transaction, row.id, chosen.now);
            if (!gone) return gone.error();
            if (!*gone && is_in_the_way) return StoreError::busy;
        }
        return {};
    }

    Wish wish_;
    std::int64_t id_ = 0;
    TimePoint started_at_;
    std::optional<unsigned> number_;  // absent: all are taken
    TimePoint lease_until_;           // by the server's clock
    std::vector<Member> live_;
    std::promise<Result<storage::Committed, StoreError>> result_;
};

}  // namespace

std::optional<unsigned> choose_number(const std::vector<NodeRow>& nodes, TimePoint now) {
    std::array<const NodeRow*, kNodesMax> by_number{};
    for (const NodeRow& row : nodes) {
        if (row.number < 0 || row.number >= std::int64_t{kNodesMax}) continue;
        by_number.at(static_cast<std::size_t>(row.number)) = &row;
    }
    const NodeRow* longest_gone = nullptr;
    for (unsigned number = 0; number < kNodesMax; ++number) {
        const NodeRow* row = by_number.at(number);
        if (row == nullptr) return number;
        if (row->lease_until > now) continue;
        if (longest_gone == nullptr || row->lease_until < longest_gone->lease_until) {
            longest_gone = row;
        }
    }
    if (longest_gone == nullptr) return std::nullopt;
    return static_cast<unsigned>(longest_gone->number);
}

Membership::Membership(Parts parts) : parts_{std::move(parts)} {}

Membership::~Membership() {
    end_threads();
}

// The lease lasts until the chores have ended.
void Membership::end_threads() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        wake_.notify_all();
    }
    if (chores_thread_.joinable()) chores_thread_.join();
    if (beats_.joinable()) beats_.join();
}

Result<void, Complaint> Membership::join() {
    switch (try_join(As::heir)) {
        case Joined::yes: return {};
        case Joined::full:
            return Complaint{
                "64 nodes work with this store already, which is as many as it takes; stop one of "
                "them, and start this one again"};
        case Joined::failed: break;
    }
    return Complaint{"this node could not be written into the store: it did not answer"};
}

Membership::Joined Membership::try_join(As as) {
    const NodeRow row{
        .id = random_node_id(),
        .name = parts_.name,
        .home = parts_.home,
        .version = parts_.version,
        .delivers = parts_.delivers,
        .started_at = {},
        .lease_until = {}};
    using Heir = JoinUnit::Wish::Heir;
    JoinUnit unit{
        {.row = row,
         .heir = as == As::heir ? Heir::yes : Heir::no,
         .timing = parts_.timing,
         .server_time = parts_.server_time}};
    const SteadyTime asked_at = steady_clock::now();
    const BootTime until = end_of_lease(boot_time());
    if (parts_.writer.submit(unit) != storage::Submitted::queued) return Joined::failed;
    if (!unit.wait()) return Joined::failed;
    if (!unit.number()) return Joined::full;
    parts_.database.ids().set_node(*unit.number());
    started_at_ = unit.started_at();
    note_live(unit.take_live());
    hold({.node = unit.id(), .number = *unit.number(), .until = until});
    extend_at_ = asked_at + parts_.timing.extend_every;
    term_ends_at_ = unit.lease_until();
    log::info("cluster.joined", {{"node", parts_.name}, {"number", *unit.number()}});
    return Joined::yes;
}

Membership::BootTime Membership::boot_time() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

Membership::BootTime Membership::end_of_lease(BootTime asked_at) const {
    return asked_at + parts_.timing.lease - parts_.timing.margin;
}

void Membership::hold(const Held& held) {
    const std::lock_guard lock{mutex_};
    held_ = held;
    if (held.node == 0) return;
    const auto is_this = [&held](const Member& member) {
        return member.id == held.node;
    };
    if (std::none_of(live_.begin(), live_.end(), is_this)) {
        live_.push_back(
            {.id = held.node,
             .number = held.number,
             .name = parts_.name,
             .delivers = parts_.delivers}
        );
        const auto by_id = [](const Member& one, const Member& other) {
            return one.id < other.id;
        };
        std::sort(live_.begin(), live_.end(), by_id);
    }
}

void Membership::note_live(std::vector<Member> live) {
    const std::lock_guard lock{mutex_};
    live_ = std::move(live);
}

void Membership::add_chore(Chore chore) {
    chores_.push_back(std::move(chore));
}

void Membership::start() {
    beats_ = std::jthread{[this] {
        run_beats();
    }};
    chores_thread_ = std::jthread{[this] {
        run_chores();
    }};
}

void Membership::wake() {
    const std::lock_guard lock{mutex_};
    woken_ = true;
    wake_.notify_all();
}

void Membership::run_beats() {
    for (;;) {
        if (steady_clock::now() >= extend_at_) note_reach(beats_reach_, keep());
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, parts_.timing.beat_every, [this] { return stopping_; });
        if (stopping_) return;
    }
}

void Membership::run_chores() {
    for (;;) {
        do_chores();
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, parts_.timing.beat_every, [this] { return stopping_ || woken_; });
        if (stopping_) return;
        woken_ = false;
    }
}

void Membership::do_chores() {
    Done last;
    for (const Chore& chore : chores_) {
        const Done done = chore(*parts_.chores_side);
        if (last && !done) last = done;
    }
    // What is busy has answered.
    if (!last && last.error() == StoreError::busy) last = {};
    note_reach(chores_reach_, last);
}

Result<void, StoreError> Membership::keep() {
    const NodeLease before = lease();
    const SteadyTime asked_at = steady_clock::now();
    const BootTime until = end_of_lease(boot_time());
    const auto now = parts_.server_time(*parts_.side);
    if (!now) return now.error();
    const auto extended = extend({.now = *now, .until = *now + parts_.timing.lease});
    if (!extended) return extended.error();
    if (*extended) {
        hold({.node = before.node, .number = before.number, .until = until});
        extend_at_ = asked_at + parts_.timing.extend_every;
    } else {
        hold({.number = before.number});
        log::warn("cluster.lease_lost", {{"number", before.number}});
        if (try_join(As::newcomer) == Joined::full)
            log::error("cluster.full", {{"nodes", kNodesMax}});
    }
    return read_members();
}

// The clock is read again, since the wish may have been on its way for longer than the term lasted.
// Then others may have taken over meanwhile, and what was extended is given up.
Result<bool, StoreError> Membership::extend(const storage::LeaseTerm& term) {
    const std::int64_t node = lease().node;
    const auto extended =
        storage::extend_node(*parts_.side, {.id = node, .started_at = started_at_}, term);
    if (!extended || !*extended) return extended;
    const auto done_at = parts_.server_time(*parts_.side);
    if (!done_at) return done_at.error();
    if (*done_at < term_ends_at_) {
        term_ends_at_ = term.until;
        return true;
    }
    const auto ended = storage::end_node(*parts_.side, {node, started_at_}, *done_at);
    if (!ended) return ended.error();
    return false;
}

Result<void, StoreError> Membership::read_members() {
    const auto now = parts_.server_time(*parts_.side);
    const auto nodes = now ? storage::list_nodes(*parts_.side) : now.error();
    if (!nodes) return nodes.error();
    note_live(living(*nodes, *now));
    return {};
}

void Membership::note_reach(Reach& noted, const Done& last) {
    const bool before = reaches_store();
    {
        const std::lock_guard lock{mutex_};
        noted = last ? Reach::yes : Reach::no;
    }
    const bool after = reaches_store();
    if (before == after) return;
    if (after) {
        log::info("cluster.store_reached");
    } else if (!last) {
        log::warn("cluster.store_not_reached", {{"why", to_text(last.error())}});
    }
}

void Membership::leave() {
    end_threads();
    const NodeLease last = lease();
    if (last.node == 0) return;
    hold({.number = last.number});
    const auto now = parts_.server_time(*parts_.side);
    const auto ended =
        now ? storage::end_node(*parts_.side, {last.node, started_at_}, *now) : now.error();
    if (!ended) log::warn("cluster.not_left", {{"why", to_text(ended.error())}});
}

NodeLease Membership::lease() const {
    Held held;
    {
        const std::lock_guard lock{mutex_};
        held = held_;
    }
    if (held.node == 0) return {.number = held.number};
    // In this order: whoever is held up between the two reads believes in less time, not in more.
    const SteadyTime now = steady_clock::now();
    return {.node = held.node, .number = held.number, .until = now + (held.until - boot_time())};
}

std::vector<Member> Membership::live() const {
    const std::lock_guard lock{mutex_};
    return live_;
}

std::size_t Membership::live_count() const {
    const std::lock_guard lock{mutex_};
    return std::max<std::size_t>(1, live_.size());
}

bool Membership::reaches_store() const {
    const std::lock_guard lock{mutex_};
    return beats_reach_ == Reach::yes && chores_reach_ == Reach::yes;
}

}  // namespace postern::cluster
