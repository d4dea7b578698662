#include "core/assert.hpp"
#include "dispatch/engine_impl.hpp"

#include <algorithm>

namespace postern::dispatch {

using storage::DeliveryQueue;

namespace {

bool is_before_last(const Window& window, const DueItem& item) {
    return !window.items.empty() && item.due_at < window.items.rbegin()->first.first;
}

}  // namespace

bool Engine::Impl::has_room(const Window& window) const {
    return items < limits.items_max && window.items.size() < limits.window_items;
}

// When the memory of all is full, who holds much gives way to who holds little: waiting retries of
// some never lock others out.
bool Engine::Impl::may_take_from_richest(const Window& window) const {
    if (by_size.empty() || window.items.size() >= limits.window_items) return false;
    return window.items.empty() || std::get<0>(*by_size.rbegin()) > window.items.size() + 1;
}

bool Engine::Impl::make_room(const Window& window) {
    if (has_room(window)) return true;
    if (!may_take_from_richest(window)) return false;
    const auto [size, endpoint, queue] = *by_size.rbegin();
    evict_last(find_lane(endpoint)->window(queue));
    return true;
}

void Engine::Impl::sort_by_size(const Window& window, std::size_t size_before) {
    if (size_before > 0) by_size.erase({size_before, window.endpoint, window.queue});
    const std::size_t size = window.items.size();
    if (size > 0) by_size.emplace(size, window.endpoint, window.queue);
}

// An endpoint that does not answer must not fill the memory that others' events could use.
void Engine::Impl::charge(const Lane& lane, DueItem& item) {
    if (!item.content) return;
    const std::size_t bytes = bytes_of(*item.content);
    if (lane.breaker.openings() > 0 || content_bytes + bytes > limits.content_bytes_max) {
        item.content.reset();
        return;
    }
    content_bytes += bytes;
}

void Engine::Impl::discharge(const DueItem& item) {
    if (item.content) content_bytes -= bytes_of(*item.content);
}

void Engine::Impl::insert(Lane& lane, DeliveryQueue queue, DueItem item) {
    if (polled_at && item.due_at > now + kDueAheadMax) item.due_at = now;
    charge(lane, item);
    const Window::Key key{item.due_at, item.delivery};
    const bool is_new =
        held.try_emplace(
                item.delivery.value,
                Held{
                    .endpoint = lane.id(), .queue = queue, .due_at = item.due_at, .flight = nullptr}
        )
            .second;
    POSTERN_ASSERT(is_new);
    Window& window = lane.window(queue);
    window.items.emplace(key, std::move(item));
    items += 1;
    sort_by_size(window, window.items.size() - 1);
}

// Without room for one more, an earlier one takes the place of the last.
void Engine::Impl::place(Lane& lane, DeliveryQueue queue, DueItem item) {
    Window& window = lane.window(queue);
    if (!has_room(window) && is_before_last(window, item)) evict_last(window);
    insert_or_leave(lane, queue, std::move(item));
}

void Engine::Impl::insert_or_leave(Lane& lane, DeliveryQueue queue, DueItem item) {
    if (make_room(lane.window(queue))) {
        insert(lane, queue, std::move(item));
    } else {
        lane.window(queue).lower_store_due(item.due_at);
    }
}

DueItem Engine::Impl::take_out(Window& window, Window::Key key) {
    auto node = window.items.extract(key);
    POSTERN_ASSERT(!node.empty());
    discharge(node.mapped());
    items -= 1;
    sort_by_size(window, window.items.size() + 1);
    return std::move(node.mapped());
}

void Engine::Impl::evict_last(Window& window) {
    const Window::Key key = window.items.rbegin()->first;
    take_out(window, key);
    held.erase(key.second.value);
    window.lower_store_due(key.first);
}

// The store has them all.
void Engine::Impl::drop_windows(Lane& lane) {
    for (Window* window : {&lane.fresh, &lane.retry}) {
        while (!window->items.empty()) evict_last(*window);
        if (!window->load) continue;
        for (const DueItem& item : window->load->offered) {
            discharge(item);
            window->lower_store_due(item.due_at);
        }
        window->load->offered.clear();
    }
}

void Engine::Impl::drop_contents(Lane& lane) {
    for (auto& [key, item] : lane.fresh.items) {
        discharge(item);
        item.content.reset();
    }
}

// First attempts are made in the order of commits: while the store has earlier ones, a later one
// waits there behind them.
void Engine::Impl::offer(DueItem item) {
    Lane* lane = find_lane(item.endpoint);
    if (lane == nullptr || held.contains(item.delivery.value)) return;
    // Before the lane was ours, another node may have sent it already: the store knows.
    const bool is_ours = lane->hands == Lane::Hands::ours;
    const bool is_older = is_ours && lane->ours_since && item.due_at <= *lane->ours_since;
    if (!is_ours || is_older) {
        // The last poll may be long ago.
        kept.keep(item.delivery, std::move(item.content), std::max(now, item.due_at));
        return nudge({.endpoint = item.endpoint, .due_at = item.due_at});
    }
    mark_dirty(*lane);
    Window& window = lane->fresh;
    const bool store_is_ahead = window.store_due && *window.store_due <= item.due_at;
    // It may have been read, sent and recorded before we hear of its commit.
    const bool may_be_sent = window.sent_up_to && item.due_at <= *window.sent_up_to;
    if (!lane->is_serving() || store_is_ahead || may_be_sent || !has_room(window)) {
        window.lower_store_due(item.due_at);
    } else if (!window.load) {
        insert(*lane, DeliveryQueue::fresh, std::move(item));
    } else if (window.load->offered.size() < limits.window_items) {
        charge(*lane, item);
        window.load->offered.push_back(std::move(item));
    } else {
        window.lower_store_due(item.due_at);
    }
}

void Engine::Impl::nudge(const Nudge& nudge) {
    Lane* lane = find_lane(nudge.endpoint);
    if (lane == nullptr || nudge.queue == DeliveryQueue::held) return;
    if (lane->hands == Lane::Hands::others) return want(*lane, nudge);
    lane->window(nudge.queue).lower_store_due(nudge.due_at);
    mark_dirty(*lane);
}

void Engine::Impl::withdraw(DeliveryId delivery) {
    const auto found = held.find(delivery.value);
    if (found == held.end()) return withdraw_from_loads(delivery);
    const Held& entry = found->second;
    if (entry.place != Held::Place::window) {
        entry.flight->is_withdrawn = true;
        return;
    }
    Lane& lane = *find_lane(entry.endpoint);
    Window& window = lane.window(entry.queue);
    const DueItem item = take_out(window, {entry.due_at, delivery});
    // It may be open still: then the next read finds it, and one under way must not.
    window.lower_store_due(entry.due_at);
    held.erase(found);
    settle(lane, {.delivery = delivery, .fence = item.fence + 1});
    mark_dirty(lane);
}

// A read may be about to bring it, from before or from after the change.
void Engine::Impl::withdraw_from_loads(DeliveryId delivery) {
    for (const auto& [id, queue] : loads_under_way) {
        Lane* lane = find_lane(id);
        if (lane == nullptr || !lane->window(queue).load) continue;
        lane->window(queue).load->settled.push_back({.delivery = delivery, .fence = {}});
    }
}

// Reads that are under way may bring it as it was before.
void Engine::Impl::settle(Lane& lane, const Window::Load::Settled& settled) {
    for (Window* window : {&lane.fresh, &lane.retry}) {
        if (window->load) window->load->settled.push_back(settled);
    }
}

// The window holds the earliest: what is later than all of it and than something in the store
// would only take its room.
void Engine::Impl::keep_or_leave(Lane& lane, DeliveryQueue queue, DueItem item) {
    Window& window = lane.window(queue);
    const auto stored = window.earliest_in_store();
    const bool is_early = is_before_last(window, item) || !stored || item.due_at < *stored;
    if (!lane.is_at_work() || !is_early) return window.lower_store_due(item.due_at);
    place(lane, queue, std::move(item));
}

void Engine::Impl::bring_near(Window& window, TimePoint at) {
    while (!window.items.empty()) {
        const Window::Key key = window.items.rbegin()->first;
        if (key.first <= at + kDueAheadMax) return;
        auto node = window.items.extract(key);
        node.key().first = at;
        node.mapped().due_at = at;
        held.at(key.second.value).due_at = at;
        window.items.insert(std::move(node));
    }
}

}  // namespace postern::dispatch
