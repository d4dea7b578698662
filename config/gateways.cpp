#include "config/gateways.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace postern::config {
namespace {

constexpr std::size_t kIdLengthMax = 63;
constexpr std::array<std::string_view, 6> kCommonKeys =
    {"id", "kind", "mode", "enabled", "account", "livemode"};
// Mollie's own modes: which of its two webhook schemes is spoken. They say nothing about money, so
// `livemode` does.
constexpr std::array<std::string_view, 2> kProviderModes = {"next-gen", "classic"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The table's place, by its number and, when it has one that can be printed, its id.
std::string place_of(const SettingTable& table, std::string_view file_name, std::size_t number) {
    std::string place{file_name};
    place += " [[gateway]] ";
    place += std::to_string(number);
    const auto id = table.find("id");
    if (id == table.end()) return place;
    const auto* text = std::get_if<std::string>(&id->second.value);
    if (text == nullptr || !is_gateway_id(*text)) return place;
    place += " \"";
    place += *text;
    place += '"';
    return place;
}

SettingTable take_common_keys(SettingTable& table) {
    SettingTable common;
    for (const std::string_view key : kCommonKeys) {
        const auto found = table.find(key);
        if (found != table.end()) common.insert(table.extract(found));
    }
    return common;
}

void read_mode(SettingsReader& reader, Gateway& gateway) {
    const std::string mode = reader.text("mode", "sandbox");
    const bool livemode_given = reader.has("livemode");
    const bool livemode = reader.flag("livemode", SettingsReader::Switch::off);
    if (holds(kProviderModes, mode)) {
        gateway.mode = livemode ? Mode::live : Mode::sandbox;
        gateway.settings.insert_or_assign("mode", SettingValue{mode});
        return;
    }
    if (mode != "sandbox" && mode != "live") {
        return reader.complain("mode", "must be one of sandbox live");
    }
    gateway.mode = mode == "live" ? Mode::live : Mode::sandbox;
    if (livemode_given && livemode != (mode == "live")) {
        reader.complain("livemode", "contradicts mode; leave it out");
    }
}

Gateway read_common(SettingsReader& reader) {
    Gateway gateway;
    gateway.id = reader.required_text("id");
    if (!gateway.id.empty() && !is_gateway_id(gateway.id)) {
        reader.complain(
            "id", "must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or digit"
        );
    }
    gateway.kind = reader.required_text("kind");
    gateway.enabled = reader.flag("enabled", SettingsReader::Switch::on);
    gateway.account = reader.text("account", {});
    read_mode(reader, gateway);
    return gateway;
}

}  // namespace

bool is_gateway_id(std::string_view text) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && text.size() <= kIdLengthMax && is_alphanumeric(text.front())
           && std::all_of(text.begin(), text.end(), [&is_alphanumeric](char c) {
                  return is_alphanumeric(c) || c == '_' || c == '-';
              });
}

std::vector<Gateway> read_gateways(
    std::vector<SettingTable> tables,
    const NamedFiles& files,
    std::string_view file_name,
    std::vector<std::string>& problems
) {
    std::vector<Gateway> gateways;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        SettingTable& table = tables[i];
        const std::string place = place_of(table, file_name, i + 1);
        const SettingTable common = take_common_keys(table);
        SettingsReader reader{common, place};
        Gateway gateway = read_common(reader);
        if (!gateway.id.empty() && !ids.insert(gateway.id).second) {
            reader.complain("id", "is taken by an earlier gateway");
        }
        std::vector<std::string> file_problems;
        files.resolve(table, file_problems);
        gateway.settings.merge(table);
        gateways.push_back(std::move(gateway));
        for (std::string& problem : reader.finish()) problems.push_back(std::move(problem));
        for (const std::string& problem : file_problems) {
            problems.push_back(place + ": " + problem);
        }
    }
    return gateways;
}

}  // namespace postern::config
