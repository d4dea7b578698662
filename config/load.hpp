#pragma once

#include "config/config.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::config {

using Environment = std::map<std::string, std::string, std::less<>>;
// The whole file, or nullopt when it cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::filesystem::path& path)>;

struct LoadInput {
    std::string text;            // TOML; empty when there is no file
    std::filesystem::path path;  // named in complaints; its folder is where file names begin
    Environment environment;
    ReadFile read_file;  // the door to secrets kept in files
    // Who only wants to know where something is may leave them alone: then what they hold is not in
    // the configuration, and none is missed but those that hold such a place, a URL.
    enum class NamedFiles { read, left_alone } named_files = NamedFiles::read;
};

// Defaults, overridden by the file, overridden by the environment. Every mistake at once, each
// with its file and table; no complaint repeats a value.
Result<Config, std::vector<Complaint>> load(const LoadInput& input);

}  // namespace postern::config
