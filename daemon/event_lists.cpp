#include "daemon/event_lists.hpp"

#include "dispatch/event_body.hpp"

#include <algorithm>

namespace postern::daemon {

using storage::EventFilter;
using storage::EventRow;
using storage::Order;
using storage::Page;
using storage::PageRequest;

namespace {

// A page of each list holds at least as many rows as the common page can take from it.
Page<EventRow> merged(std::vector<Page<EventRow>> pages, const PageRequest<EventId>& wish) {
    Page<EventRow> merged;
    for (Page<EventRow>& page : pages) {
        if (page.more == Page<EventRow>::More::yes) merged.more = page.more;
        std::move(page.rows.begin(), page.rows.end(), std::back_inserter(merged.rows));
    }
    const bool ascending = wish.order == Order::oldest_first;
    std::sort(
        merged.rows.begin(),
        merged.rows.end(),
        [ascending](const EventRow& a, const EventRow& b) {
            return ascending ? a.id < b.id : b.id < a.id;
        }
    );
    if (merged.rows.size() > wish.rows_max) {
        merged.rows.resize(wish.rows_max);
        merged.more = Page<EventRow>::More::yes;
    }
    return merged;
}

}  // namespace

std::vector<WantedType> stripes_own_types(std::string_view pattern) {
    std::vector<WantedType> types;
    if (pattern == "*") return types;
    for (const std::string_view name : dispatch::all_stripe_types()) {
        if (!dispatch::type_matches(pattern, name)) continue;
        types.push_back({.type = std::nullopt, .own_type = std::string{name}});
    }
    return types;
}

Result<Page<EventRow>, storage::StoreError> list_events_of(
    storage::Connection& connection,
    const EventFilter& filter,
    std::span<const WantedType> types,
    const PageRequest<EventId>& wish
) {
    if (types.empty()) return storage::list_events(connection, filter, wish);
    std::vector<Page<EventRow>> pages;
    for (const WantedType& wanted : types) {
        EventFilter of_type = filter;
        of_type.type = wanted.type;
        of_type.own_type = wanted.own_type;
        auto page = storage::list_events(connection, of_type, wish);
        if (!page) return page.error();
        pages.push_back(std::move(*page));
    }
    return merged(std::move(pages), wish);
}

}  // namespace postern::daemon
