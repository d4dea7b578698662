#pragma once

#include "core/json_document.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern {

struct SettingValue;
using SettingTable = std::map<std::string, SettingValue, std::less<>>;
using SettingList = std::vector<SettingValue>;

// A node of configuration, whichever text it came from: TOML, JSON, a test.
struct SettingValue {
    std::variant<bool, std::int64_t, double, std::string, SettingList, SettingTable> value;
    bool operator==(const SettingValue&) const = default;
};

Result<SettingTable, Complaint> settings_from_json(JsonValue object);
std::string settings_to_json(const SettingTable& table);

// Reads one table key by key, remembers what was asked for, and collects every complaint, so that
// an operator sees all mistakes at once.
class SettingsReader {
 public:
    SettingsReader(const SettingTable& table, std::string where);

    std::string required_text(std::string_view key);
    std::string text(std::string_view key, std::string_view otherwise);
    std::string one_of(
        std::string_view key,
        const std::vector<std::string_view>& choices,
        std::string_view otherwise
    );
    // One text or a list of texts; empty texts are refused.
    std::vector<std::string> texts(std::string_view key);
    std::vector<std::string> required_texts(std::string_view key);
    struct Bounds {
        std::int64_t otherwise;
        std::int64_t min;
        std::int64_t max;
    };
    std::int64_t integer(std::string_view key, Bounds bounds);
    enum class Switch { off, on };
    bool flag(std::string_view key, Switch otherwise);
    std::vector<SettingTable> tables(std::string_view key);
    std::optional<SettingTable> table(std::string_view key);
    bool has(std::string_view key) const;

    void complain(std::string_view key, std::string_view problem);
    // Keys with this beginning are somebody else's: not read here and not an error.
    void allow_prefix(std::string_view prefix) { allowed_prefixes_.emplace_back(prefix); }

    // Everything wrong, among it keys that nobody asked for, each with the closest known one.
    std::vector<std::string> finish();

 private:
    const SettingValue* find(std::string_view key);

    const SettingTable& table_;
    std::string where_;
    std::set<std::string, std::less<>> known_;
    std::vector<std::string> allowed_prefixes_;
    std::vector<std::string> complaints_;
};

// The candidate with the fewest edits to `word`, if it is close enough to be a likely typing error.
std::optional<std::string>
closest(std::string_view word, const std::set<std::string, std::less<>>& candidates);
// The same with a bound of one's own: where an unknown word may well be meant as it is.
std::optional<std::string> closest_within(
    std::size_t edits_max,
    std::string_view word,
    const std::set<std::string, std::less<>>& candidates
);

}  // namespace postern
