#include "verifiers/event_map.hpp"

#include "core/assert.hpp"
#include "core/money.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_times.hpp"

#include <set>

namespace postern::verifiers {
namespace {

constexpr std::string_view kTypePath = "$.type";

// A text, a number as it was spelled, true or false.
std::string_view word(JsonValue value) {
    if (const auto flag = value.boolean()) return *flag ? "true" : "false";
    return value.text();
}

JsonPath known_path(std::string_view text) {
    auto path = JsonPath::parse(text);
    POSTERN_ASSERT(path.has_value());
    return std::move(*path);
}

JsonPath read_path(SettingsReader& table, std::string_view key, std::string_view otherwise = {}) {
    const std::string text = table.text(key, otherwise);
    if (text.empty()) {
        if (table.has(key)) table.complain(key, "must be a path like $.data.id");
        return {};
    }
    auto path = JsonPath::parse(text);
    if (path) return std::move(*path);
    table.complain(key, path.error().message);
    return {};
}

std::string unknown_type(std::string_view sent, std::string_view ours) {
    std::set<std::string, std::less<>> names;
    for (const EventType type : all_event_types()) names.emplace(to_text(type));
    std::string problem{sent};
    problem += " maps to '";
    problem += ours;
    problem += "', which is not an event type of ours";
    if (const auto likely = closest(ours, names)) {
        problem += "; did you mean ";
        problem += *likely;
        problem += '?';
    }
    return problem;
}

void read_type_map(SettingsReader& table, EventMap& map) {
    const auto types = table.table("type_map");
    if (!types) return;
    if (types->empty()) table.complain("type_map", "is empty: no event would be understood");
    for (const auto& [sent, value] : *types) {
        const auto* ours = std::get_if<std::string>(&value.value);
        const auto type = ours == nullptr ? std::nullopt : event_type_from_text(*ours);
        if (type) {
            map.type_map.emplace(sent, *type);
        } else {
            table.complain("type_map", unknown_type(sent, ours == nullptr ? "" : *ours));
        }
    }
}

// Wrong by a factor of a hundred is the one mistake here that costs money, so the unit of amounts
// is never guessed.
AmountUnit read_amount_unit(SettingsReader& table) {
    if (table.has("amount") && !table.has("amount_unit")) {
        table.complain("amount_unit", "is required with amount: minor, major or decimal");
    }
    const std::string unit = table.one_of("amount_unit", {"minor", "major", "decimal"}, "major");
    if (unit == "minor") return AmountUnit::minor;
    return unit == "major" ? AmountUnit::major : AmountUnit::decimal;
}

EventMap map_otherwise(std::string_view id_path) {
    EventMap map;
    if (!id_path.empty()) map.id = known_path(id_path);
    map.type = known_path(kTypePath);
    for (std::size_t i = 0; i < kEventTextFields.size(); ++i) {
        map.texts[i] = known_path(kEventTextFields[i].path_otherwise);
    }
    map.amount = known_path("$.data.amount");
    map.currency = known_path("$.data.currency");
    map.occurred_at = known_path("$.timestamp");
    map.livemode = known_path("$.livemode");
    return map;
}

}  // namespace

std::optional<EventType> EventMap::type_of(std::string_view sent) const {
    if (type_map.empty()) return event_type_from_text(sent);
    const auto found = type_map.find(sent);
    if (found == type_map.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string> EventMap::spelling_of(EventType wanted) const {
    if (type_map.empty()) return std::string{to_text(wanted)};
    for (const auto& [sent, ours] : type_map) {
        if (ours == wanted) return sent;
    }
    return std::nullopt;
}

ProviderEvent EventMap::read(JsonValue root) const {
    ProviderEvent event{
        .id = std::string{id.find(root).text()},
        .type = std::string{word(type.find(root))},
        .unified = std::nullopt};
    const auto ours = type_of(event.type);
    if (!ours) return event;
    UnifiedEvent unified{.type = *ours, .gateway_livemode = livemode.find(root).boolean()};
    for (std::size_t i = 0; i < kEventTextFields.size(); ++i) {
        unified.*kEventTextFields[i].member = texts[i].find(root).text();
    }
    set_currency(unified, currency.find(root).string());
    const JsonValue sent_amount = amount.find(root);
    if (amount_unit == AmountUnit::minor) {
        set_minor_amount(unified, sent_amount, iso_exponent(unified.currency));
    } else {
        set_decimal_amount(unified, sent_amount.text());
    }
    read_occurred_at(unified, occurred_at.find(root));
    event.unified = std::move(unified);
    return event;
}

EventMap read_event_map(SettingsReader& reader, std::string_view id_path) {
    const auto given = reader.table("event");
    if (!given) return map_otherwise(id_path);
    SettingsReader table{*given, "table"};
    EventMap map;
    map.id = read_path(table, "id", id_path);
    map.type = read_path(table, "type", kTypePath);
    read_type_map(table, map);
    for (std::size_t i = 0; i < kEventTextFields.size(); ++i) {
        map.texts[i] = read_path(table, kEventTextFields[i].key);
    }
    map.amount = read_path(table, "amount");
    map.amount_unit = read_amount_unit(table);
    map.currency = read_path(table, "currency");
    if (table.has("amount") && !table.has("currency")) {
        table.complain("currency", "is required with amount");
    }
    map.occurred_at = read_path(table, "occurred_at");
    map.livemode = read_path(table, "livemode");
    for (const std::string& complaint : table.finish()) reader.complain("event", complaint);
    return map;
}

}  // namespace postern::verifiers
