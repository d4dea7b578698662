#include "dispatch/engine_impl.hpp"

#include <algorithm>
#include <iterator>

namespace postern::dispatch {

using storage::DeliveryQueue;
using storage::DueQuery;
using storage::DueRows;

namespace {

// A read also brings what is due soon, so that a stream of due times does not cost one read each.
constexpr std::chrono::seconds kLoadAhead{5};
// Each endpoint may still hold so many when the memory of all is full: nobody is locked out by
// others' waiting retries.
constexpr std::size_t kWindowWhenFull = 8;
constexpr std::size_t kLowPart = 4;  // of a window, when the next read is due

}  // namespace

std::size_t Engine::Impl::window_max() const {
    if (items < limits.items_max) return limits.window_items;
    return std::min(limits.window_items, kWindowWhenFull);
}

// Low: few items are left, or few that are not later than what the store has.
bool Engine::Impl::is_low(const Window& window) const {
    const std::size_t low = window_max() / kLowPart;
    if (window.items.size() <= low) {
        if (has_room(window) || may_take_from_richest(window)) return true;
        return window.items.rbegin()->first.first > *window.store_due;
    }
    const auto item = std::next(window.items.begin(), static_cast<std::ptrdiff_t>(low));
    return item->first.first > *window.store_due;
}

bool Engine::Impl::is_load_paused(const Window& window) const {
    // A pause longer than any is the mark of a clock that was set back.
    return window.load_not_before > now && window.load_not_before <= now + limits.load_retry;
}

bool Engine::Impl::is_due_or_absurd(TimePoint due_at) const {
    return due_at <= now || due_at > now + kDueAheadMax;
}

void Engine::Impl::consider_load(Lane& lane, DeliveryQueue queue) {
    Window& window = lane.window(queue);
    if (window.load || window.load_wanted || !window.store_due) return;
    if (!is_due_or_absurd(*window.store_due) || is_load_paused(window)) return;
    if (lane.breaker.in_flight_allowed(now) == 0 || !is_low(window)) return;
    // What is under way or unwritten still stands as due in the store, and a read has to get past
    // it: beyond a bound it waits for the writer instead.
    const auto outstanding_max = static_cast<std::int64_t>(2 * limits.window_items)
                                 + 2 * lane.endpoint->settings.in_flight_max;
    if (lane.outstanding() > outstanding_max) return;
    window.load_wanted = true;
    loads_wanted.emplace_back(lane.id(), queue);
}

void Engine::Impl::start_loads(std::vector<EngineAction>& actions) {
    while (!loads_wanted.empty()
           && static_cast<std::int64_t>(loads_under_way.size()) < limits.loads_max) {
        const auto [id, queue] = loads_wanted.front();
        loads_wanted.pop_front();
        Lane* lane = find_lane(id);
        if (lane == nullptr || !std::exchange(lane->window(queue).load_wanted, false)) continue;
        if (!lane->is_at_work() || !lane->window(queue).store_due) continue;
        actions.emplace_back(begin_load(*lane, queue));
    }
}

LoadDue Engine::Impl::begin_load(Lane& lane, DeliveryQueue queue) {
    Window& window = lane.window(queue);
    const std::size_t wanted = window_max() - std::min(window.items.size(), window_max() / 2);
    const std::size_t known = window.items.size() + static_cast<std::size_t>(lane.outstanding());
    const LoadDue load{
        .query = {
            .endpoint = lane.id(),
            .queue = queue,
            .due_until = std::max<TimePoint>(now + kLoadAhead, *window.store_due),
            .rows_max = wanted + known}};
    window.load.emplace();
    window.load->from = std::exchange(window.store_due, std::nullopt);
    loads_under_way.emplace_back(lane.id(), queue);
    return load;
}

void Engine::Impl::loaded(const DueQuery& query, DueRows rows) {
    Lane* lane = find_lane(query.endpoint);
    if (lane == nullptr || !lane->window(query.queue).load) return;
    mark_dirty(*lane);
    Window& window = lane->window(query.queue);
    if (!lane->is_at_work() || window.load->is_void) {
        abandon_load(*lane, query.queue);
        return bury_if_forgotten(*lane);
    }
    end_load(lane->id(), query.queue);
    Window::Load load = std::move(*window.load);
    window.load.reset();
    for (storage::DeliveryRow& row : rows.rows) take_row(*lane, load, std::move(row));
    if (rows.next_due) window.lower_store_due(*rows.next_due);
    take_offered(*lane, query.queue, std::move(load));
}

void Engine::Impl::load_failed(const DueQuery& query, TimePoint at) {
    Lane* lane = find_lane(query.endpoint);
    if (lane == nullptr || !lane->window(query.queue).load) return;
    mark_dirty(*lane);
    Window& window = lane->window(query.queue);
    window.load_not_before = at + limits.load_retry;
    abandon_load(*lane, query.queue);
    bury_if_forgotten(*lane);
}

void Engine::Impl::end_load(EndpointId id, DeliveryQueue queue) {
    std::erase(loads_under_way, std::pair{id, queue});
}

// Nothing was learned: the store has what it had.
void Engine::Impl::abandon_load(Lane& lane, DeliveryQueue queue) {
    Window& window = lane.window(queue);
    end_load(lane.id(), queue);
    if (window.load->from) window.lower_store_due(*window.load->from);
    for (const DueItem& item : window.load->offered) {
        discharge(item);
        window.lower_store_due(item.due_at);
    }
    window.load.reset();
}

void Engine::Impl::take_row(Lane& lane, const Window::Load& load, storage::DeliveryRow row) {
    if (!row.queue || *row.queue == DeliveryQueue::held || row.endpoint != lane.id()) return;
    DueItem item = due_item_of(row);
    item.content = kept.take(row.id);
    item.was_read = true;
    // It was written after this answer was read, perhaps: taking it would send it twice.
    const Window::News news = load.judge(item);
    if (news == Window::News::in_doubt) lane.window(*row.queue).lower_store_due(row.due_at);
    if (news != Window::News::current) return;
    const auto known = held.find(row.id.value);
    if (known != held.end()) {
        Held& entry = known->second;
        if (entry.place != Held::Place::window) return note_newer(*entry.flight, row);
        Window& window = lane.window(entry.queue);
        const Window::Key key{entry.due_at, row.id};
        if (window.items.at(key).fence >= row.fence) return;
        // Somebody changed it since we read it: the row as it is now takes its place.
        take_out(window, key);
        held.erase(known);
    }
    place(lane, *row.queue, std::move(item));
}

// Its own end, when that is written, is no news; a person's wish since then would be forgotten.
void Engine::Impl::note_newer(Flight& flight, const storage::DeliveryRow& row) {
    const std::int64_t known = flight.newer ? flight.newer->fence : flight.item.fence;
    if (row.fence <= known) return;
    flight.newer = {.fence = row.fence, .queue = *row.queue, .due_at = row.due_at};
}

void Engine::Impl::take_offered(Lane& lane, DeliveryQueue queue, Window::Load load) {
    Window& window = lane.window(queue);
    for (DueItem& item : load.offered) {
        discharge(item);
        if (held.contains(item.delivery.value)) continue;
        const Window::News news = load.judge(item);
        if (news == Window::News::old) continue;
        const bool store_is_ahead = window.store_due && *window.store_due <= item.due_at;
        if (news == Window::News::in_doubt || store_is_ahead || !has_room(window)) {
            window.lower_store_due(item.due_at);
        } else {
            insert(lane, queue, std::move(item));
        }
    }
}

}  // namespace postern::dispatch
