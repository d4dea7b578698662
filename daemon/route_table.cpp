#include "daemon/route_table.hpp"

#include "core/bytes.hpp"

#include <algorithm>
#include <optional>

namespace postern::daemon {
namespace {

std::optional<std::string_view> take_segment(std::string_view& path) {
    if (path.empty() || path.front() != '/') return std::nullopt;
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

bool allows(const Route& route, std::string_view method) {
    return route.method == method || (route.method == "GET" && method == "HEAD");
}

std::string in_one_line(const std::vector<std::string_view>& methods) {
    std::string line;
    for (const std::string_view method : methods) {
        if (!line.empty()) line += ", ";
        line += method == "GET" ? "GET, HEAD" : method;
    }
    return line;
}

}  // namespace

struct RouteTable::Search {
    std::string_view method;
    std::vector<std::string_view> values;   // of the braces on the way, as sent
    std::vector<std::string_view> methods;  // of the paths that were known
    Found found;
};

void RouteTable::add(std::span<const Route> routes) {
    for (const Route& route : routes) {
        std::size_t node = 0;
        std::string_view rest = route.pattern;
        while (const auto segment = take_segment(rest)) node = child_of(node, *segment);
        nodes_[node].routes.push_back(&route);
    }
}

std::size_t RouteTable::child_of(std::size_t node, std::string_view segment) {
    const std::size_t fresh = nodes_.size();
    if (segment.starts_with('{')) {
        if (nodes_[node].any_child != 0) return nodes_[node].any_child;
        nodes_[node].any_child = fresh;
    } else {
        for (const auto& [name, child] : nodes_[node].children) {
            if (name == segment) return child;
        }
        nodes_[node].children.emplace_back(segment, fresh);
    }
    nodes_.emplace_back();
    return fresh;
}

RouteTable::Found RouteTable::find(std::string_view method, std::string_view path) const {
    Search search{.method = method, .values = {}, .methods = {}, .found = {}};
    walk(0, path, search);
    if (search.found.route == nullptr) search.found.allowed = in_one_line(search.methods);
    return std::move(search.found);
}

void RouteTable::walk(std::size_t node, std::string_view rest, Search& search) const {
    const Node& here = nodes_[node];
    if (rest.empty()) return look_at(here, search);
    const auto segment = take_segment(rest);
    if (!segment) return;
    for (const auto& [name, child] : here.children) {
        if (name == *segment) walk(child, rest, search);
    }
    if (search.found.route != nullptr || here.any_child == 0) return;
    search.values.push_back(*segment);
    walk(here.any_child, rest, search);
    search.values.pop_back();
}

void RouteTable::look_at(const Node& node, Search& search) const {
    if (node.routes.empty()) return;
    std::vector<std::string> parameters;
    for (const std::string_view value : search.values) {
        auto decoded = decode_percent(value);
        if (!decoded || decoded->empty()) return;
        parameters.push_back(std::move(*decoded));
    }
    for (const Route* route : node.routes) {
        if (allows(*route, search.method)) {
            search.found = {
                .route = route, .path_parameters = std::move(parameters), .allowed = {}};
            return;
        }
        auto& methods = search.methods;
        const bool known =
            std::find(methods.begin(), methods.end(), route->method) != methods.end();
        if (!known) methods.push_back(route->method);
    }
}

}  // namespace postern::daemon
