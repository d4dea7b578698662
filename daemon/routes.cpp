#include "daemon/api.hpp"
#include "daemon/api/functions.hpp"

#include <array>

namespace postern::daemon {
namespace {

constexpr std::array kRoutes = {
    Route{"GET", "/api/v2/inbox", Access::reading, list_inbox_items},
    Route{"GET", "/api/v2/inbox/{id}", Access::reading, get_inbox_item},
    Route{"POST", "/api/v2/inbox/{id}/reprocess", Access::writing, reprocess_inbox_item},
    Route{"GET", "/api/v2/events", Access::reading, list_events},
    Route{"GET", "/api/v2/events/{id}", Access::reading, get_event},
    Route{"GET", "/api/v2/event-types", Access::reading, list_event_types},
    Route{"GET", "/api/v2/gateways", Access::reading, list_gateways},
    Route{"GET", "/api/v2/gateways/{id}", Access::reading, get_gateway},
    Route{"GET", "/openapi.json", Access::open, get_openapi},
};

}  // namespace

std::span<const Route> api_routes() {
    return kRoutes;
}

}  // namespace postern::daemon
