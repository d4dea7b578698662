#include "core/settings.hpp"

#include "core/json_writer.hpp"
#include "core/numbers.hpp"

#include <algorithm>
#include <numeric>

namespace postern {
namespace {

Result<SettingValue, Complaint> value_from_json(JsonValue json) {
    switch (json.kind()) {
        case JsonKind::boolean: return SettingValue{*json.boolean()};
        case JsonKind::string: return SettingValue{std::string{json.string()}};
        case JsonKind::number: {
            const auto integer = json.integer();
            if (!integer) return Complaint{"a setting that is a number must be a whole one"};
            return SettingValue{*integer};
        }
        case JsonKind::array: {
            SettingList list;
            for (const JsonValue item : json.items()) {
                auto value = value_from_json(item);
                if (!value) return value.error();
                list.push_back(std::move(*value));
            }
            return SettingValue{std::move(list)};
        }
        case JsonKind::object: {
            auto table = settings_from_json(json);
            if (!table) return table.error();
            return SettingValue{std::move(*table)};
        }
        case JsonKind::null:
        case JsonKind::missing: break;
    }
    return Complaint{"a setting cannot be null"};
}

void write_value(JsonWriter& writer, const SettingValue& value);

void write_table(JsonWriter& writer, const SettingTable& table) {
    writer.begin_object();
    for (const auto& [key, value] : table) {
        writer.key(key);
        write_value(writer, value);
    }
    writer.end_object();
}

void write_value(JsonWriter& writer, const SettingValue& value) {
    if (const auto* flag = std::get_if<bool>(&value.value)) return writer.boolean(*flag);
    if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
        return writer.integer(*number);
    }
    if (const auto* number = std::get_if<double>(&value.value)) {
        return writer.raw(std::to_string(*number));
    }
    if (const auto* text = std::get_if<std::string>(&value.value)) return writer.string(*text);
    if (const auto* table = std::get_if<SettingTable>(&value.value)) {
        return write_table(writer, *table);
    }
    writer.begin_array();
    for (const SettingValue& item : std::get<SettingList>(value.value)) write_value(writer, item);
    writer.end_array();
}

}  // namespace

Result<SettingTable, Complaint> settings_from_json(JsonValue object) {
    if (!object.is_object()) return Complaint{"expected an object"};
    SettingTable table;
    for (const JsonMember& member : object.members()) {
        auto value = value_from_json(member.value);
        if (!value) {
            std::string message{member.key};
            message += ": ";
            message += value.error().message;
            return Complaint{std::move(message)};
        }
        table.insert_or_assign(std::string{member.key}, std::move(*value));
    }
    return table;
}

std::string settings_to_json(const SettingTable& table) {
    std::string text;
    JsonWriter writer{text};
    write_table(writer, table);
    return text;
}

SettingsReader::SettingsReader(const SettingTable& table, std::string where)
    : table_{table}, where_{std::move(where)} {}

const SettingValue* SettingsReader::find(std::string_view key) {
    known_.emplace(key);
    const auto found = table_.find(key);
    return found == table_.end() ? nullptr : &found->second;
}

bool SettingsReader::has(std::string_view key) const {
    return table_.find(key) != table_.end();
}

void SettingsReader::complain(std::string_view key, std::string_view problem) {
    std::string complaint = where_;
    complaint += ": ";
    complaint += key;
    complaint += ' ';
    complaint += problem;
    complaints_.push_back(std::move(complaint));
}

std::string SettingsReader::required_text(std::string_view key) {
    std::string value = text(key, {});
    if (value.empty()) complain(key, "is required and must not be empty");
    return value;
}

std::string SettingsReader::text(std::string_view key, std::string_view otherwise) {
    const SettingValue* value = find(key);
    if (value == nullptr) return std::string{otherwise};
    if (const auto* found = std::get_if<std::string>(&value->value)) return *found;
    complain(key, "must be a text in quotes");
    return std::string{otherwise};
}

std::string SettingsReader::one_of(
    std::string_view key,
    const std::vector<std::string_view>& choices,
    std::string_view otherwise
) {
    std::string value = text(key, otherwise);
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
    std::string problem = "must be one of";
    for (const std::string_view choice : choices) {
        problem += ' ';
        problem += choice;
    }
    complain(key, problem);
    return std::string{otherwise};
}

std::vector<std::string> SettingsReader::texts(std::string_view key) {
    const SettingValue* value = find(key);
    if (value == nullptr) return {};
    if (const auto* one = std::get_if<std::string>(&value->value)) {
        if (!one->empty()) return {*one};
    } else if (const auto* list = std::get_if<SettingList>(&value->value)) {
        std::vector<std::string> found;
        for (const SettingValue& item : *list) {
            const auto* text = std::get_if<std::string>(&item.value);
            if (text != nullptr && !text->empty()) found.push_back(*text);
        }
        if (found.size() == list->size()) return found;
    }
    complain(key, "must be a list of texts, none of them empty");
    return {};
}

std::vector<std::string> SettingsReader::required_texts(std::string_view key) {
    const bool given = has(key);
    std::vector<std::string> values = texts(key);
    if (!given || (values.empty() && complaints_.empty())) {
        complain(key, "is required: a list with at least one text");
    }
    return values;
}

std::int64_t SettingsReader::integer(std::string_view key, Bounds bounds) {
    const SettingValue* value = find(key);
    if (value == nullptr) return bounds.otherwise;
    const auto* number = std::get_if<std::int64_t>(&value->value);
    if (number != nullptr && *number >= bounds.min && *number <= bounds.max) return *number;
    std::string problem = "must be a whole number from ";
    problem += std::to_string(bounds.min);
    problem += " to ";
    problem += std::to_string(bounds.max);
    complain(key, problem);
    return bounds.otherwise;
}

bool SettingsReader::flag(std::string_view key, Switch otherwise) {
    const SettingValue* value = find(key);
    if (value != nullptr) {
        if (const auto* flag = std::get_if<bool>(&value->value)) return *flag;
        complain(key, "must be true or false");
    }
    return otherwise == Switch::on;
}

std::vector<SettingTable> SettingsReader::tables(std::string_view key) {
    const SettingValue* value = find(key);
    if (value == nullptr) return {};
    const auto* list = std::get_if<SettingList>(&value->value);
    std::vector<SettingTable> found;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        const auto* item = std::get_if<SettingTable>(&(*list)[i].value);
        if (item != nullptr) found.push_back(*item);
    }
    if (list == nullptr || found.size() != list->size()) complain(key, "must be a list of tables");
    return found;
}

std::optional<SettingTable> SettingsReader::table(std::string_view key) {
    const SettingValue* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (const auto* found = std::get_if<SettingTable>(&value->value)) return *found;
    complain(key, "must be a table");
    return std::nullopt;
}

std::vector<std::string> SettingsReader::finish() {
    for (const auto& [key, value] : table_) {
        if (known_.contains(key)) continue;
        const bool allowed = std::any_of(
            allowed_prefixes_.begin(),
            allowed_prefixes_.end(),
            [&key = key](const std::string& prefix) { return key.starts_with(prefix); }
        );
        if (allowed) continue;
        std::string problem = "is not a setting";
        if (const auto likely = closest(key, known_)) {
            problem += "; did you mean ";
            problem += *likely;
            problem += '?';
        }
        complain(key, problem);
    }
    return std::move(complaints_);
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({change, above + 1, row[j - 1] + 1});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string>
closest(std::string_view word, const std::set<std::string, std::less<>>& candidates) {
    return closest_within(std::max<std::size_t>(2, word.size() / 2), word, candidates);
}

std::optional<std::string> closest_within(
    std::size_t edits_max,
    std::string_view word,
    const std::set<std::string, std::less<>>& candidates
) {
    std::optional<std::string> best;
    std::size_t best_distance = edits_max + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace postern
