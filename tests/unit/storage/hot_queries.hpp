#pragma once

#include "storage/database.hpp"

#include <functional>
#include <span>

namespace postern::storage {

// What is asked for often, or of tables that grow for ever: it must stay a look-up.
struct HotQuery {
    const char* name;
    std::function<void(Connection&)> ask;
    const char* sqlite_plan;     // what the plan of the last statement must say
    const char* postgres_index;  // what it must name there
};
std::span<const HotQuery> hot_queries();

}  // namespace postern::storage
