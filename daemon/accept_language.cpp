#include "daemon/accept_language.hpp"

#include "core/http_message.hpp"

#include <optional>

namespace postern::daemon {
namespace {

constexpr int kWeightMax = 1000;

// "q=0.8" in thousandths; nullopt: it is no weight.
std::optional<int> read_weight(std::string_view text) {
    text = trim_spaces(text);
    if (!text.starts_with("q=") && !text.starts_with("Q=")) return std::nullopt;
    text.remove_prefix(2);
    if (text.empty() || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    int weight = (text[0] - '0') * kWeightMax;
    if (text.size() == 1) return weight;
    if (text[1] != '.' || text.size() > 5) return std::nullopt;
    int worth = kWeightMax / 10;
    for (const char digit : text.substr(2)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        weight += (digit - '0') * worth;
        worth /= 10;
    }
    return weight > kWeightMax ? std::nullopt : std::optional{weight};
}

struct Range {
    std::string_view tag;
    int weight = kWeightMax;
};

Range read_range(std::string_view text) {
    const auto semicolon = text.find(';');
    Range range{.tag = trim_spaces(text.substr(0, semicolon))};
    if (semicolon == std::string_view::npos) return range;
    range.weight = read_weight(text.substr(semicolon + 1)).value_or(0);
    return range;
}

bool is_language(std::string_view tag, std::string_view language) {
    return equal_ignoring_case(tag.substr(0, tag.find('-')), language);
}

}  // namespace

SpokenLanguage spoken_language(std::string_view accept_language) {
    SpokenLanguage best = SpokenLanguage::english;
    int best_weight = 0;
    while (!accept_language.empty()) {
        const auto comma = accept_language.find(',');
        const Range range = read_range(accept_language.substr(0, comma));
        const bool ended = comma == std::string_view::npos;
        accept_language = ended ? std::string_view{} : accept_language.substr(comma + 1);
        const bool chinese = is_language(range.tag, "zh");
        const bool english = is_language(range.tag, "en") || range.tag == "*";
        if ((!chinese && !english) || range.weight <= best_weight) continue;
        best = chinese ? SpokenLanguage::chinese : SpokenLanguage::english;
        best_weight = range.weight;
    }
    return best;
}

}  // namespace postern::daemon
