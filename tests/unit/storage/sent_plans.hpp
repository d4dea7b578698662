#pragma once

#include "storage/database.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace postern::storage {

// Work that is done all the time, or in tables that grow for ever: what it sends to PostgreSQL must
// stay look-ups.
struct HotWork {
    const char* name;
    std::function<void(Transaction&)> work;
    std::set<std::string> indexes;         // all that its statements look into
    std::set<std::string> sort_keys = {};  // few rows, put in order before they are written
};

// Does it on a connection of its own, and asks the server how it means to answer what came. No scan
// goes over a whole table or index, whatever the size of the table was when it was planned.
void expect_look_ups(Database& database, const HotWork& hot);

}  // namespace postern::storage
