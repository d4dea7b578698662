#pragma once

#include "config/load.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

// Files that the configuration names: secrets that shall not stand in it, and certificates. A
// relative name is looked for where systemd puts credentials, then beside the configuration.
class NamedFiles {
 public:
    explicit NamedFiles(const LoadInput& input);

    struct Found {
        std::filesystem::path path;
        std::string text;
    };
    // Left alone: the name as it is, and no text.
    std::optional<Found> find(std::string_view name) const;

    // Where the store is cannot be left alone by whoever wants to know it.
    enum class Holds : std::uint8_t { secret, place };
    // The secret alone in a file, without the line end that editors add.
    Result<Found, Complaint> read_secret(std::string_view name, Holds holds) const;

    // Replaces each "x_file" of a table, and of the tables within it, by "x". A name in the plural
    // stands for a list: one secret a line, or one PEM block an entry.
    void resolve(SettingTable& table, std::vector<std::string>& problems) const;

 private:
    std::optional<Found> look_for(std::string_view name) const;
    void resolve_in(SettingValue& value, std::vector<std::string>& problems) const;
    void resolve_one(
        SettingTable& table,
        const std::string& file_key,
        std::vector<std::string>& problems
    ) const;

    const ReadFile& read_file_;
    const LoadInput::NamedFiles wish_;
    std::vector<std::filesystem::path> folders_;
};

}  // namespace postern::config
