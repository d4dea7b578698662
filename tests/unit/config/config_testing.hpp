#pragma once

#include "config/load.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace postern::config {

using FakeFiles = std::map<std::string, std::string>;

inline LoadInput input_of(std::string text, Environment environment = {}, FakeFiles files = {}) {
    return LoadInput{
        .text = std::move(text),
        .path = "/etc/postern/postern.toml",
        .environment = std::move(environment),
        .read_file = [files = std::move(files)](const std::filesystem::path& path
                     ) -> std::optional<std::string> {
            const auto found = files.find(path.string());
            if (found == files.end()) return std::nullopt;
            return found->second;
        }};
}

// The complaints one a line, or "" when the configuration was taken.
inline std::string complaints_of(const Result<Config, std::vector<Complaint>>& loaded) {
    std::string all;
    if (loaded.has_value()) return all;
    for (const Complaint& complaint : loaded.error()) all += complaint.message + "\n";
    return all;
}

}  // namespace postern::config
