#pragma once

#include "core/json_document.hpp"

#include <span>
#include <string>
#include <string_view>

// Answers of the API for people; programs take the JSON as it is.
namespace postern::daemon::commands {

struct Column {
    std::string_view title;
    std::string_view path;  // into each item: "progress.percent"
};

// A line for each item under a line of titles. A column that no item has a value for is left out.
std::string table_of(JsonValue items, std::span<const Column> columns);

// What a list says beside its items and how it goes on, a line for each value.
std::string remarks_of(JsonValue list);

// A line for each value: "progress.percent  80".
std::string record_of(JsonValue object);

}  // namespace postern::daemon::commands
