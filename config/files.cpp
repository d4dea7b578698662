#include "config/files.hpp"

#include <fstream>
#include <unistd.h>

namespace postern::config {

std::optional<std::string> read_whole_file(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return std::nullopt;
    std::ifstream file{path, std::ios::binary};
    if (!file) return std::nullopt;
    std::string text(kFileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    const auto size = static_cast<std::size_t>(file.gcount());
    if (file.bad() || size > kFileBytesMax) return std::nullopt;
    text.resize(size);
    return text;
}

Environment environment_of_process() {
    Environment environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return environment;
}

Result<LoadInput, Complaint>
read_input(const std::filesystem::path& path, Environment environment) {
    LoadInput input{.path = path, .read_file = read_whole_file};
    const auto named = environment.find("POSTERN_CONFIG");
    if (input.path.empty() && named != environment.end()) input.path = named->second;
    input.environment = std::move(environment);
    if (input.path.empty()) return input;
    auto text = read_whole_file(input.path);
    if (!text) {
        std::string message = input.path.string();
        message += ": cannot be read, or is larger than 1 MiB";
        return Complaint{std::move(message)};
    }
    input.text = std::move(*text);
    return input;
}

}  // namespace postern::config
