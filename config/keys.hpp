#pragma once

#include "config/config.hpp"

#include <span>

namespace postern::config {

// What is wrong with a text, as the end of a sentence that begins with the key; never the text
// itself, which may be a secret.
using TextProblem = std::optional<std::string_view> (*)(std::string_view text);

struct Range {
    std::int64_t min;
    std::int64_t max;
};

// Sees every key that the configuration has outside the gateways, section by section, with its
// value in and its value out. Reading, printing and checking the example are visitors, so a key is
// written down once.
class KeyVisitor {
 public:
    virtual ~KeyVisitor() = default;

    virtual void begin_section(std::string_view name) = 0;  // empty: the top of the file
    virtual void text(std::string_view key, std::string& value, TextProblem problem) = 0;
    virtual void
    texts(std::string_view key, std::vector<std::string>& values, TextProblem problem) = 0;
    virtual void flag(std::string_view key, bool& value) = 0;
    virtual void integer(std::string_view key, std::int64_t& value, Range range) = 0;
    // The value is the index of the chosen name.
    virtual void
    choice(std::string_view key, std::size_t& value, std::span<const std::string_view> names) = 0;
    // May also be given as the name of a file that holds it, by the key with "_file" after it.
    virtual void secret(std::string_view key, std::string& value, TextProblem problem) = 0;
    virtual void file(std::string_view key, std::filesystem::path& value) = 0;
};

void visit_keys(Config& config, KeyVisitor& visitor);

}  // namespace postern::config
