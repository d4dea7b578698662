#pragma once

#include "daemon/api.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::daemon {

// Finds the route of a path by its segments, however many routes there are: a tree with one level a
// segment. A segment spelled out goes before one in braces, and a route that was given earlier
// before a later one of the same method and pattern.
class RouteTable {
 public:
    // The routes must outlive the table.
    explicit RouteTable(std::span<const Route> routes) { add(routes); }
    void add(std::span<const Route> routes);

    struct Found {
        const Route* route = nullptr;
        std::vector<std::string> path_parameters;  // of the braces, decoded
        std::string allowed;  // the methods of a path that is known; empty: it is not
    };
    Found find(std::string_view method, std::string_view path) const;

 private:
    struct Node {
        std::vector<std::pair<std::string_view, std::size_t>> children;  // by segment
        std::size_t any_child = 0;  // where the braces lead; 0: nowhere
        std::vector<const Route*> routes;
    };
    struct Search;

    std::size_t child_of(std::size_t node, std::string_view segment);
    void walk(std::size_t node, std::string_view rest, Search& search) const;
    void look_at(const Node& node, Search& search) const;

    std::vector<Node> nodes_ = std::vector<Node>(1);
};

}  // namespace postern::daemon
