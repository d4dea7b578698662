#include "cluster/shared_counts.hpp"

#include <algorithm>

namespace postern::cluster {
namespace {

// Ids count in their upper bits, so the lower ones alone would put all into one part.
constexpr std::uint64_t kMixer = 0x9e37'79b9'7f4a'7c15;
constexpr int kMixedShift = 60;
static_assert(SharedCounts::kShards == std::size_t{1} << (64 - kMixedShift));

}  // namespace

CountPlace CountPlace::of(std::uint64_t subject, std::chrono::microseconds window, TimePoint now) {
    return {.subject = subject, .window = window, .index = unix_microseconds(now) / window.count()};
}

TimePoint CountPlace::ends_at() const {
    return from_unix_microseconds((index + 1) * window.count());
}

std::size_t SharedCounts::Hash::operator()(const CountPlace& place) const {
    const auto window = static_cast<std::uint64_t>(place.window.count());
    const auto index = static_cast<std::uint64_t>(place.index);
    const std::uint64_t mixed = ((place.subject * kMixer) ^ window) * kMixer ^ index;
    return static_cast<std::size_t>(mixed * kMixer);
}

std::size_t SharedCounts::shard_of(std::uint64_t subject) {
    return static_cast<std::size_t>((subject * kMixer) >> kMixedShift);
}

SharedCounts::State SharedCounts::take(const Ask& ask) {
    return ask_for(ask, Counting::yes);
}

SharedCounts::State SharedCounts::look(const Ask& ask) {
    return ask_for(ask, Counting::no);
}

SharedCounts::State SharedCounts::ask_for(const Ask& ask, Counting counting) {
    State state;
    {
        Shard& shard = shards_.at(shard_of(ask.window.place.subject));
        const std::lock_guard lock{shard.mutex};
        make_room(shard);
        Entry& window = shard.entries[ask.window.place];
        Entry& second = shard.entries[ask.second.place];
        window.asked = Entry::Asked::yes;
        second.asked = Entry::Asked::yes;
        state.left = left_of({window, ask.window.max}, shard.sight);
        state.left_in_second = left_of({second, ask.second.max}, shard.sight);
        const bool granted = state.left > 0 && state.left_in_second > 0;
        if (granted && counting == Counting::yes) {
            ++window.own;
            if (&second != &window) ++second.own;
        }
    }
    if (!in_use_.exchange(true) && tell_) tell_();
    return state;
}

void SharedCounts::see(std::size_t shard, Sight sight) {
    Shard& part = shards_.at(shard);
    const std::lock_guard lock{part.mutex};
    part.sight = sight;
}

std::int64_t SharedCounts::left_of(const Count& count, Sight sight) const {
    const auto& [entry, max] = count;
    if (sight == Sight::all) return std::max<std::int64_t>(0, max - entry.own - entry.others);
    const auto nodes =
        static_cast<std::int64_t>(std::max<std::size_t>(1, nodes_.load(std::memory_order_relaxed)));
    return std::max<std::int64_t>(0, std::max<std::int64_t>(1, max / nodes) - entry.own);
}

// An eighth at once, those that end first: strangers who come by the thousand must not cost a look
// through everything each.
void SharedCounts::make_room(Shard& shard) {
    if (shard.entries.size() + 2 <= kPlacesMaxPerShard) return;
    std::vector<TimePoint> ends;
    ends.reserve(shard.entries.size());
    for (const auto& [place, entry] : shard.entries) ends.push_back(place.ends_at());
    auto going = static_cast<std::ptrdiff_t>(kPlacesMaxPerShard / 8);
    std::nth_element(ends.begin(), ends.begin() + going, ends.end());
    const TimePoint last = ends[static_cast<std::size_t>(going)];
    std::erase_if(shard.entries, [&going, last](const auto& entry) {
        return entry.first.ends_at() <= last && going-- > 0;
    });
}

std::vector<SharedCounts::Addition> SharedCounts::take_additions(std::size_t shard, TimePoint now) {
    Shard& part = shards_.at(shard);
    const std::lock_guard lock{part.mutex};
    std::erase_if(part.entries, [now](const auto& entry) { return entry.first.ends_at() <= now; });
    std::vector<Addition> additions;
    for (auto& [place, entry] : part.entries) {
        if (entry.asked == Entry::Asked::no) continue;
        entry.asked = Entry::Asked::no;
        additions.push_back({.place = place, .count = entry.own - entry.told});
        entry.told = entry.own;
    }
    return additions;
}

void SharedCounts::learn(const Sum& sum) {
    Shard& part = shards_.at(shard_of(sum.place.subject));
    const std::lock_guard lock{part.mutex};
    const auto found = part.entries.find(sum.place);
    if (found == part.entries.end()) return;
    found->second.others = std::max<std::int64_t>(0, sum.taken - found->second.told);
}

void SharedCounts::give_back(const Addition& addition) {
    Shard& part = shards_.at(shard_of(addition.place.subject));
    const std::lock_guard lock{part.mutex};
    const auto found = part.entries.find(addition.place);
    if (found == part.entries.end()) return;
    found->second.told -= addition.count;
    found->second.asked = Entry::Asked::yes;
}

bool SharedCounts::falls_idle() {
    in_use_.store(false);
    for (Shard& part : shards_) {
        const std::lock_guard lock{part.mutex};
        const bool asked = std::any_of(part.entries.begin(), part.entries.end(), [](const auto& e) {
            return e.second.asked == Entry::Asked::yes;
        });
        if (!asked) continue;
        in_use_.store(true);
        return false;
    }
    return true;
}

}  // namespace postern::cluster
