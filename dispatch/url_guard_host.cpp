#include "dispatch/url_guard_host.hpp"

#include "core/utf8.hpp"

#include <algorithm>
#include <array>
#include <idn2.h>
#include <memory>

namespace postern::dispatch {
namespace {

constexpr std::size_t kLabelBytesMax = 63;
constexpr std::size_t kNameBytesMax = 253;
constexpr std::string_view kPunycodePrefix = "xn--";

// Suffixes that no public name has: they mean a machine or a network nearby. A name is refused when
// it is one of these or ends in one behind a dot.
constexpr std::array kSpecialSuffixes = std::to_array<std::string_view>({
    "localhost", "localhost4", "localhost6", "localdomain", "localdomain4", "localdomain6",
    "local",     "internal",   "intranet",   "private",     "corp",         "home",
    "lan",       "arpa",       "test",       "invalid",     "example",      "onion",
    "alt",       "svc",        "consul",
});

// Names in public domains that answer with a cloud's metadata, and with credentials in it.
constexpr std::array kMetadataNames = std::to_array<std::string_view>({
    "metadata.goog",
    "metadata.platformequinix.com",
    "metadata.packet.net",
    "metadata.cloud.ibm.com",
    "metadata.exoscale.com",
    "metadata.tencentyun.com",
});

// UTS 46 reads these as dots.
constexpr std::array kForeignDots = std::to_array<std::string_view>({
    "\u3002",
    "\uff0e",
    "\uff61",
});

struct IdnFree {
    void operator()(char* text) const { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, IdnFree>;

constexpr int kIdnFlags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower_case(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::vector<std::string_view> labels_of(std::string_view name) {
    std::vector<std::string_view> labels;
    for (;;) {
        const auto dot = name.find('.');
        labels.push_back(name.substr(0, dot));
        if (dot == std::string_view::npos) return labels;
        name.remove_prefix(dot + 1);
    }
}

std::string with_plain_dots(std::string_view name) {
    std::string out{name};
    for (const std::string_view dot : kForeignDots) {
        for (auto at = out.find(dot); at != std::string::npos; at = out.find(dot, at)) {
            out.replace(at, dot.size(), ".");
        }
    }
    return out;
}

std::optional<std::string> to_a_labels(const std::string& name) {
    unsigned char* mapped = nullptr;
    const auto* input = reinterpret_cast<const unsigned char*>(name.c_str());
    const int status = idn2_lookup_u8(input, &mapped, kIdnFlags);
    const IdnText owned{reinterpret_cast<char*>(mapped)};
    if (status != IDN2_OK || !owned) return std::nullopt;
    return std::string{owned.get()};
}

std::optional<std::string> to_u_labels(const std::string& name) {
    char* decoded = nullptr;
    const int status = idn2_to_unicode_8z8z(name.c_str(), &decoded, 0);
    const IdnText owned{decoded};
    if (status != IDN2_OK || !owned) return std::nullopt;
    return std::string{owned.get()};
}

// A label that is written with other than ASCII letters must need them. One that folds to plain
// ASCII (full-width digits, circled letters, soft hyphens) is a disguise: no registry sells it.
std::optional<std::string> map_unicode_name(std::string_view text) {
    if (!is_utf8(text)) return std::nullopt;
    const std::string dotted = with_plain_dots(text);
    if (is_ascii(dotted)) return std::nullopt;
    auto mapped = to_a_labels(dotted);
    if (!mapped) return std::nullopt;
    const auto before = labels_of(dotted);
    const auto after = labels_of(*mapped);
    if (before.size() != after.size()) return std::nullopt;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (!is_ascii(before[i]) && !after[i].starts_with(kPunycodePrefix)) return std::nullopt;
    }
    return mapped;
}

// Punycode can spell what the mapping would never make; only its own canonical output is taken.
bool is_canonical_punycode(const std::string& name) {
    const auto decoded = to_u_labels(name);
    if (!decoded) return false;
    const auto encoded = labels_of(name);
    const auto plain = labels_of(*decoded);
    if (encoded.size() != plain.size()) return false;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i].starts_with(kPunycodePrefix) && is_ascii(plain[i])) return false;
    }
    return to_a_labels(*decoded) == name;
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > kLabelBytesMax) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
    });
}

// A resolver of the C library reads such an end as part of a number: "127.1", "0x7f.1".
bool looks_numeric(std::string_view last_label) {
    return last_label.starts_with("0x")
           || std::all_of(last_label.begin(), last_label.end(), is_digit);
}

bool is_name_or_below(std::string_view name, std::string_view suffix) {
    if (!name.ends_with(suffix)) return false;
    return name.size() == suffix.size() || name[name.size() - suffix.size() - 1] == '.';
}

bool is_special(std::string_view name) {
    const auto named = [name](std::string_view suffix) {
        return is_name_or_below(name, suffix);
    };
    return std::any_of(kSpecialSuffixes.begin(), kSpecialSuffixes.end(), named)
           || std::any_of(kMetadataNames.begin(), kMetadataNames.end(), named);
}

Result<GuardedHost, GuardRefusal> judged(net::IpAddress address, const GuardRules& rules) {
    if (const auto refusal = judge_address(address, rules)) return *refusal;
    return GuardedHost{.name = address.to_text(), .address = address};
}

Result<GuardedHost, GuardRefusal> parse_v4(const std::string& name, const GuardRules& rules) {
    const auto address = net::parse_ip_address(name);
    if (!address || !address->is_v4() || address->to_text() != name) {
        return GuardRefusal::host_malformed;
    }
    return judged(*address, rules);
}

// A dotted quad inside the brackets is an embedded IPv4 address, and so is whatever parses as a
// mapped one: both are refused whole, before anything could take them for the inner address.
Result<GuardedHost, GuardRefusal> parse_v6(std::string_view text, const GuardRules& rules) {
    if (text.size() < 2 || text.back() != ']') return GuardRefusal::host_malformed;
    const std::string_view inside = text.substr(1, text.size() - 2);
    const auto address = net::parse_ip_address(inside);
    if (!address || inside.find(':') == std::string_view::npos) return GuardRefusal::host_malformed;
    if (address->is_v4() || inside.find('.') != std::string_view::npos) {
        return GuardRefusal::address_private;
    }
    return judged(*address, rules);
}

Result<GuardedHost, GuardRefusal> parse_name(std::string name, const GuardRules& rules) {
    const bool absolute = name.ends_with('.');
    if (absolute) name.pop_back();
    const auto labels = labels_of(name);
    if (name.size() > kNameBytesMax || !std::all_of(labels.begin(), labels.end(), is_label)) {
        return GuardRefusal::host_malformed;
    }
    if (looks_numeric(labels.back())) {
        if (absolute) return GuardRefusal::host_malformed;
        return parse_v4(name, rules);
    }
    if (name.find(kPunycodePrefix) != std::string::npos && !is_canonical_punycode(name)) {
        return GuardRefusal::host_malformed;
    }
    const bool own_host = name == "localhost" && rules.loopback == GuardRules::Loopback::allowed;
    if (own_host) return GuardedHost{.name = std::move(name)};
    if (labels.size() < 2 || is_special(name)) return GuardRefusal::host_special;
    return GuardedHost{.name = std::move(name)};
}

}  // namespace

bool GuardedHost::is_loopback() const {
    return address ? address->is_loopback() : name == "localhost";
}

Result<GuardedHost, GuardRefusal>
parse_guarded_host(std::string_view text, const GuardRules& rules) {
    if (text.empty() || text.find('%') != std::string_view::npos) {
        return GuardRefusal::host_malformed;
    }
    if (text.front() == '[') return parse_v6(text, rules);
    if (is_ascii(text)) return parse_name(lower_case(text), rules);
    auto mapped = map_unicode_name(text);
    if (!mapped) return GuardRefusal::host_malformed;
    return parse_name(*std::move(mapped), rules);
}

}  // namespace postern::dispatch
