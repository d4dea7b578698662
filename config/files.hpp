#pragma once

#include "config/load.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace postern::config {

// No file that a configuration names is larger: a wrong name must not fill the memory.
inline constexpr std::size_t kFileBytesMax = 1024 * 1024;

std::optional<std::string> read_whole_file(const std::filesystem::path& path);

// The process's environment.
Environment environment_of_process();

// What load() needs of the real world. The file is the one named here or by POSTERN_CONFIG; with
// neither there is none, and the defaults hold.
Result<LoadInput, Complaint> read_input(const std::filesystem::path& path, Environment environment);

}  // namespace postern::config
