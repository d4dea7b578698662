#include "daemon/admission.hpp"

#include "daemon/payment_calls.hpp"
#include "daemon/route_table.hpp"
#include "payments/api.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

using storage::KeyKind;
using storage::Livemode;

// Every route that a daemon can have, so that none is forgotten.
std::vector<Route> all_routes() {
    std::vector<Route> routes{api_routes().begin(), api_routes().end()};
    for (const auto table :
         {payments::onerway_routes(), payments::rcommerce_routes(), payments::sandbox_routes()}) {
        for (const Route& route : mounted(table)) routes.push_back(route);
    }
    return routes;
}

// "/v1/customers/{id}" with something in place of the braces.
std::string path_of(const Route& route) {
    std::string path;
    for (std::string_view rest = route.pattern; !rest.empty();) {
        const auto open = rest.find('{');
        path += rest.substr(0, open);
        if (open == std::string_view::npos) break;
        path += "x1";
        rest.remove_prefix(rest.find('}') + 1);
    }
    return path;
}

std::string named(const Route& route) {
    return std::string{route.method} + " " + std::string{route.pattern};
}

class AdmissionToRoutes : public ApiFixture {
 protected:
    AdmissionToRoutes() : routes_{all_routes()} {
        around_->routes = std::make_shared<const RouteTable>(routes_);
    }
    ApiAnswer ask_as(const Route& route, std::string_view key) {
        Ask wanted{.method = std::string{route.method}, .target = path_of(route)};
        if (!key.empty()) {
            wanted.fields.emplace_back("Authorization", "Bearer " + std::string{key});
        }
        return ask(wanted);
    }

    std::vector<Route> routes_;
};

TEST_F(AdmissionToRoutes, AsksForAKeyWhereverOneIsNeeded) {
    std::size_t guarded = 0;
    for (const Route& route : routes_) {
        if (route.access == Access::open) continue;
        SCOPED_TRACE(named(route));
        EXPECT_EQ(ask_as(route, "").reply.status, 401);
        ++guarded;
    }
    EXPECT_GT(guarded, 100u);
}

TEST_F(AdmissionToRoutes, RefusesAPublishableKeyEverywhereButWhereItBelongs) {
    const std::string key = add_key({KeyKind::publishable, Livemode::test});
    for (const Route& route : routes_) {
        if (route.access == Access::open || route.access == Access::publishable) continue;
        SCOPED_TRACE(named(route));
        EXPECT_EQ(ask_as(route, key).reply.status, 403);
    }
}

TEST_F(AdmissionToRoutes, RefusesARestrictedKeyWhateverWrites) {
    const std::string key = add_key({KeyKind::restricted, Livemode::test});
    for (const Route& route : routes_) {
        const bool writes = route.access == Access::writing
                            || (route.access == Access::publishable && route.method != "GET");
        if (!writes) continue;
        SCOPED_TRACE(named(route));
        EXPECT_EQ(ask_as(route, key).reply.status, 403);
    }
}

// What changes something is for secret keys, unless it is a question that is put by POST.
TEST_F(AdmissionToRoutes, LetsReadersWriteNothing) {
    for (const Route& route : routes_) {
        if (route.method == "GET" || route.access != Access::reading) continue;
        SCOPED_TRACE(named(route));
        const bool asks =
            route.pattern.ends_with("/dry-run") || route.pattern.ends_with("/payments/methods");
        EXPECT_TRUE(asks);
    }
}

TEST_F(AdmissionToRoutes, HoldsNarrowKeysToTheirScopes) {
    for (const KeyScope scope : all_key_scopes()) {
        Identity identity{.kind = KeyKind::restricted};
        identity.scopes.add(scope);
        for (const Route& route : routes_) {
            if (route.access != Access::reading) continue;
            SCOPED_TRACE(named(route));
            const bool allowed = scope_of(route.pattern) == scope;
            EXPECT_EQ(refuse_access(identity, route).has_value(), !allowed);
        }
    }
}

}  // namespace
}  // namespace postern::daemon
