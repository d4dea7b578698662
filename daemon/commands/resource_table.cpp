#include "daemon/commands/resource_table.hpp"

#include "core/json_writer.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace postern::daemon::commands {
namespace {

constexpr std::size_t kCellCharactersMax = 60;
constexpr std::size_t kNameCharactersMax = 60;
constexpr std::string_view kNothing = "-";
constexpr std::string_view kGap = "  ";

struct Shown {
    std::string text;
    std::size_t characters = 0;
};

// A terminal acts on control characters, and whoever wrote the text may be a stranger.
Shown shown(std::string_view text, std::size_t characters_max) {
    Shown result;
    while (!text.empty()) {
        if (result.characters == characters_max) {
            result.text += "…";
            ++result.characters;
            break;
        }
        const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
        const std::string_view one = text.substr(0, length);
        const auto byte = static_cast<unsigned char>(one.front());
        const bool is_control = byte < 0x20 || byte == 0x7f || (length == 1 && byte >= 0x80)
                                || (byte == 0xc2 && static_cast<unsigned char>(one.back()) < 0xa0);
        result.text += is_control ? "?" : one;
        ++result.characters;
        text.remove_prefix(length);
    }
    return result;
}

std::string plain_text(JsonValue value) {
    switch (value.kind()) {
        case JsonKind::boolean: return *value.boolean() ? "yes" : "no";
        case JsonKind::string:
        case JsonKind::number: return std::string{value.text()};
        case JsonKind::array: {
            std::string joined;
            for (const JsonValue item : value.items()) {
                if (!joined.empty()) joined += ", ";
                joined += plain_text(item);
            }
            return joined;
        }
        case JsonKind::object: return "{…}";
        case JsonKind::null:
        case JsonKind::missing: break;
    }
    return {};
}

void append_padded(std::string& out, const Shown& cell, std::size_t width) {
    out += cell.text;
    if (cell.characters < width) out.append(width - cell.characters, ' ');
}

void end_line(std::string& out) {
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
}

struct FilledColumn {
    std::vector<Shown> cells;  // the title first
    std::size_t width = 0;
};

FilledColumn fill(const std::vector<JsonValue>& items, const Column& column) {
    FilledColumn filled;
    filled.cells.push_back(shown(column.title, kCellCharactersMax));
    bool has_value = false;
    for (const JsonValue item : items) {
        const std::string text = plain_text(item.path(column.path));
        has_value = has_value || !text.empty();
        filled.cells.push_back(shown(text.empty() ? kNothing : text, kCellCharactersMax));
    }
    if (!has_value) return {};
    for (const Shown& cell : filled.cells) filled.width = std::max(filled.width, cell.characters);
    return filled;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string join(const std::string& prefix, std::string_view name) {
    std::string joined = prefix;
    if (!joined.empty()) joined += '.';
    joined += name;
    return joined;
}

bool holds_objects(JsonValue array) {
    const auto items = array.items();
    return std::any_of(items.begin(), items.end(), [](JsonValue item) {
        return item.is_object() || item.is_array();
    });
}

// The parser has bounded how deep an answer can be.
void flatten(JsonValue value, const std::string& name, Pairs& pairs) {
    if (value.is_object()) {
        for (const JsonMember& member : value.members()) {
            flatten(member.value, join(name, member.key), pairs);
        }
    } else if (value.is_array() && holds_objects(value)) {
        std::size_t number = 0;
        for (const JsonValue item : value.items()) {
            flatten(item, join(name, std::to_string(number)), pairs);
            ++number;
        }
    } else {
        pairs.emplace_back(name, plain_text(value));
    }
}

std::string lines_of(const Pairs& pairs) {
    std::size_t width = 0;
    for (const auto& [name, text] : pairs) {
        width = std::max(width, shown(name, kNameCharactersMax).characters);
    }
    std::string out;
    for (const auto& [name, text] : pairs) {
        append_padded(out, shown(name, kNameCharactersMax), width);
        out += kGap;
        out += shown(text.empty() ? kNothing : text, std::string::npos).text;
        end_line(out);
    }
    return out;
}

}  // namespace

std::string table_of(JsonValue list, std::span<const Column> columns) {
    const auto items = list.items();
    std::vector<FilledColumn> filled;
    for (const Column& column : columns) {
        FilledColumn candidate = fill(items, column);
        if (!candidate.cells.empty()) filled.push_back(std::move(candidate));
    }
    if (filled.empty()) return "nothing there\n";
    std::string out;
    for (std::size_t line = 0; line <= items.size(); ++line) {
        for (const FilledColumn& column : filled) {
            append_padded(out, column.cells[line], column.width);
            out += kGap;
        }
        end_line(out);
    }
    return out;
}

std::string remarks_of(JsonValue list) {
    constexpr std::string_view kOfTheList[] = {
        "data", "object", "has_more", "next_cursor", "iterator", "prevIterator", "done"};
    Pairs pairs;
    for (const JsonMember& member : list.members()) {
        const auto* found = std::find(std::begin(kOfTheList), std::end(kOfTheList), member.key);
        if (found == std::end(kOfTheList)) flatten(member.value, std::string{member.key}, pairs);
    }
    return lines_of(pairs);
}

std::string record_of(JsonValue object) {
    Pairs pairs;
    flatten(object, {}, pairs);
    return lines_of(pairs);
}

}  // namespace postern::daemon::commands
