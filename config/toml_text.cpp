#include "config/toml_text.hpp"

#include <toml++/toml.h>

#include <string>

namespace postern::config {
namespace {

Result<SettingTable, Complaint> table_from_toml(const toml::table& table);

Result<SettingValue, Complaint> value_from_toml(const toml::node& node) {
    if (const auto* flag = node.as_boolean()) return SettingValue{flag->get()};
    if (const auto* number = node.as_integer()) return SettingValue{number->get()};
    if (const auto* number = node.as_floating_point()) return SettingValue{number->get()};
    if (const auto* text = node.as_string()) return SettingValue{text->get()};
    if (const auto* table = node.as_table()) {
        auto read = table_from_toml(*table);
        if (!read) return read.error();
        return SettingValue{std::move(*read)};
    }
    const auto* array = node.as_array();
    if (array == nullptr) {
        std::string message = "line ";
        message += std::to_string(node.source().begin.line);
        message += ": no setting is a date or a time; write it in quotes";
        return Complaint{std::move(message)};
    }
    SettingList list;
    for (const toml::node& item : *array) {
        auto read = value_from_toml(item);
        if (!read) return read.error();
        list.push_back(std::move(*read));
    }
    return SettingValue{std::move(list)};
}

Result<SettingTable, Complaint> table_from_toml(const toml::table& table) {
    SettingTable settings;
    for (const auto& [key, node] : table) {
        auto value = value_from_toml(node);
        if (!value) return value.error();
        settings.insert_or_assign(std::string{key.str()}, std::move(*value));
    }
    return settings;
}

// The parser's words up to the point where it begins to quote what it saw.
std::string_view without_quotation(std::string_view description) {
    if (description.find("not representable") != std::string_view::npos) {
        return "a whole number does not fit into 64 bits";
    }
    return description.substr(0, description.find(", saw"));
}

}  // namespace

Result<SettingTable, Complaint> settings_from_toml(std::string_view text) {
    try {
        const toml::table table = toml::parse(text);
        return table_from_toml(table);
    } catch (const toml::parse_error& error) {
        std::string message = "line ";
        message += std::to_string(error.source().begin.line);
        message += ", column ";
        message += std::to_string(error.source().begin.column);
        message += ": ";
        message += without_quotation(error.description());
        return Complaint{std::move(message)};
    }
}

}  // namespace postern::config
