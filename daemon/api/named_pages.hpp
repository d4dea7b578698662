#pragma once

#include "daemon/api/parameters.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

struct NamedPage {
    std::vector<std::string_view> names;
    std::optional<std::string> next_cursor;
};

// Pages through a list that is held in memory and sorted by name, with the same parameters as any
// other list. `asc` is the default, since names have no newest.
NamedPage read_named_page(ParameterReader& parameters, std::vector<std::string_view> names);

}  // namespace postern::daemon
