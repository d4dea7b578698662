#include "cluster/leader.hpp"

#include "core/log.hpp"

#include <algorithm>

namespace postern::cluster {

using std::chrono::steady_clock;
using storage::LeaseHold;
using storage::StoreError;

void Leader::hold(Wish wish) {
    wish_ = std::move(wish);
    parts_.membership.add_chore([this](storage::WriteConnection& connection) {
        return look(connection);
    });
}

Leader::Done Leader::look(storage::WriteConnection& connection) {
    const NodeLease ours = parts_.membership.lease();
    const auto held = term();
    const SteadyTime now = steady_clock::now();
    if (held && (held->node != ours.node || held->until <= now)) {
        lose();
        return {};
    }
    if (now < look_at_ || ours.node == 0 || ours.until <= now) return {};
    return held ? extend(connection, *held) : try_to_take(connection, ours.node);
}

Leader::Done Leader::extend(storage::WriteConnection& connection, const Term& term) {
    const SteadyTime asked_at = steady_clock::now();
    const auto now = parts_.server_time(connection);
    if (!now) return now.error();  // it ends by itself unless a later look comes through
    const LeaseHold hold{.name = wish_.name, .node = term.node, .fence = term.fence};
    const auto extended =
        storage::extend_lease(connection, hold, {.now = *now, .until = *now + parts_.timing.lease});
    if (!extended) return extended.error();
    if (!*extended) {
        lose();
        return {};
    }
    look_at_ = asked_at + parts_.timing.extend_every;
    const std::lock_guard lock{mutex_};
    term_->until = asked_at + parts_.timing.lease;
    return {};
}

Leader::Done Leader::try_to_take(storage::WriteConnection& connection, std::int64_t node) {
    const SteadyTime asked_at = steady_clock::now();
    const auto now = parts_.server_time(connection);
    if (!now) return now.error();
    const auto found = storage::find_lease(connection, wish_.name);
    if (!found) return found.error();
    if (*found && (*found)->lease_until > *now) {
        note_holder((*found)->node);
        // Soon after its end somebody else has to be there.
        const auto left = (*found)->lease_until - *now;
        look_at_ = asked_at + std::min<steady_clock::duration>(left, parts_.timing.extend_every);
        return {};
    }
    const LeaseHold hold{.name = wish_.name, .node = node};
    const auto fence =
        storage::take_lease(connection, hold, {.now = *now, .until = *now + parts_.timing.lease});
    if (!fence) return fence.error();
    if (!*fence) return {};
    {
        const std::lock_guard lock{mutex_};
        term_ = Term{.node = node, .fence = **fence, .until = asked_at + parts_.timing.lease};
        holder_ = node;
    }
    look_at_ = asked_at + parts_.timing.extend_every;
    log::info("cluster.leads", {{"what", wish_.name}, {"fence", **fence}});
    wish_.on_gained();
    return {};
}

void Leader::lose() {
    {
        const std::lock_guard lock{mutex_};
        term_.reset();
        holder_ = 0;
    }
    look_at_ = {};
    log::warn("cluster.leads_no_more", {{"what", wish_.name}});
    wish_.on_lost();
}

void Leader::release(storage::WriteConnection& connection) {
    const auto held = term();
    if (!held) return;
    {
        const std::lock_guard lock{mutex_};
        term_.reset();
        holder_ = 0;
    }
    const auto now = parts_.server_time(connection);
    if (!now) return;  // it ends by itself
    const LeaseHold hold{.name = wish_.name, .node = held->node, .fence = held->fence};
    static_cast<void>(storage::end_lease(connection, hold, *now));
}

void Leader::note_holder(std::int64_t node) {
    const std::lock_guard lock{mutex_};
    holder_ = node;
}

std::optional<Leader::Term> Leader::term() const {
    const std::lock_guard lock{mutex_};
    return term_;
}

bool Leader::is_ours() const {
    const auto held = term();
    return held && steady_clock::now() < held->until;
}

std::int64_t Leader::holder() const {
    const std::lock_guard lock{mutex_};
    return holder_;
}

Result<void, StoreError> Leader::check(storage::Transaction& transaction) const {
    const auto held = term();
    if (!held) return StoreError::closed;
    const LeaseHold hold{.name = wish_.name, .node = held->node, .fence = held->fence};
    const auto holds = storage::holds_lease(transaction, hold);
    if (!holds) return holds.error();
    if (!*holds) return StoreError::closed;
    return {};
}

}  // namespace postern::cluster
