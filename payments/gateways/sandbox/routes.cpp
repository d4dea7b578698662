#include "payments/api.hpp"
#include "payments/gateways/sandbox/pages.hpp"
#include "payments/gateways/sandbox/sandbox_desk.hpp"

namespace postern::payments {

std::span<const Route> sandbox_routes() {
    static const std::vector<Route> routes = [] {
        std::vector<Route> all;
        for (const auto part : {sandbox_page_routes(), sandbox_desk_routes()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return routes;
}

}  // namespace postern::payments
