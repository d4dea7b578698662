#pragma once

#include "config/config.hpp"
#include "config/named_files.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

bool is_gateway_id(std::string_view text);

// Takes out of each [[gateway]] table what all gateways have and leaves the provider the rest,
// with its secret files read. Problems are appended, each with the table it is in.
std::vector<Gateway> read_gateways(
    std::vector<SettingTable> tables,
    const NamedFiles& files,
    std::string_view file_name,
    std::vector<std::string>& problems
);

}  // namespace postern::config
