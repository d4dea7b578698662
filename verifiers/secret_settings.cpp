#include "verifiers/secret_settings.hpp"

#include "core/assert.hpp"
#include "core/bytes.hpp"

#include <optional>

namespace postern::verifiers {
namespace {

constexpr std::int64_t kToleranceSecondsDefault = 300;
constexpr std::int64_t kToleranceSecondsMax = 86'400;

std::optional<std::string> key_bytes(std::string_view text, const SecretRules& rules) {
    if (text.starts_with(rules.optional_prefix)) text.remove_prefix(rules.optional_prefix.size());
    switch (rules.encoding) {
        case SecretEncoding::utf8: return std::string{text};
        case SecretEncoding::hex: return from_hex(text);
        case SecretEncoding::base64: return from_base64(text);
    }
    return std::nullopt;
}

std::string_view wrong_encoding(SecretEncoding encoding) {
    return encoding == SecretEncoding::hex ? "is not hex" : "is not base64";
}

// Line feeds come from files.
bool is_space(char c) {
    return std::string_view{" \t\r\n\v\f"}.find(c) != std::string_view::npos;
}

// The complaint begins after the setting's name.
Result<std::string, Complaint> read_secret(std::string_view text, const SecretRules& rules) {
    POSTERN_ASSERT(!text.empty());
    if (is_space(text.front()) || is_space(text.back())) {
        return Complaint{"has a space or a line feed around it"};
    }
    auto secret = key_bytes(text, rules);
    if (!secret) return Complaint{std::string{wrong_encoding(rules.encoding)}};
    if (secret->size() < rules.bytes_min) {
        std::string problem = "is too short: it must have at least ";
        problem += std::to_string(rules.bytes_min);
        problem += " bytes";
        return Complaint{std::move(problem)};
    }
    if (secret->size() > rules.bytes_max) {
        std::string problem = "is too long: it must have at most ";
        problem += std::to_string(rules.bytes_max);
        problem += " bytes";
        return Complaint{std::move(problem)};
    }
    return Result<std::string, Complaint>{boost::system::in_place_value, std::move(*secret)};
}

std::vector<std::string> checked(
    SettingsReader& reader,
    std::string_view key,
    const SecretRules& rules,
    const std::vector<std::string>& texts
) {
    std::vector<std::string> secrets;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto secret = read_secret(texts[i], rules);
        if (secret) {
            secrets.push_back(std::move(*secret));
            continue;
        }
        std::string problem = "number ";
        problem += std::to_string(i + 1);
        problem += ' ';
        problem += secret.error().message;
        reader.complain(key, problem);
    }
    return secrets;
}

std::string checked_one(
    SettingsReader& reader,
    std::string_view key,
    const SecretRules& rules,
    const std::string& text
) {
    if (text.empty()) return {};
    auto secret = read_secret(text, rules);
    if (secret) return std::move(*secret);
    reader.complain(key, secret.error().message);
    return {};
}

}  // namespace

std::vector<std::string>
required_secrets(SettingsReader& reader, std::string_view key, SecretRules rules) {
    return checked(reader, key, rules, reader.required_texts(key));
}

std::vector<std::string>
optional_secrets(SettingsReader& reader, std::string_view key, SecretRules rules) {
    return checked(reader, key, rules, reader.texts(key));
}

std::string required_secret(SettingsReader& reader, std::string_view key, SecretRules rules) {
    return checked_one(reader, key, rules, reader.required_text(key));
}

std::string optional_secret(SettingsReader& reader, std::string_view key, SecretRules rules) {
    const std::string text = reader.text(key, {});
    if (text.empty() && reader.has(key)) reader.complain(key, "must not be empty");
    return checked_one(reader, key, rules, text);
}

std::string required_notification_url(SettingsReader& reader) {
    std::string url = optional_notification_url(reader);
    if (url.empty()) {
        reader.complain("notification_url", "is required: the provider signs the URL it was told");
    }
    return url;
}

std::string optional_notification_url(SettingsReader& reader) {
    std::string url = reader.text("notification_url", "");
    const bool absolute = url.starts_with("https://") || url.starts_with("http://");
    if (!url.empty() && !absolute) {
        reader.complain("notification_url", "must be the whole URL, from https:// on");
    }
    return url;
}

std::chrono::seconds read_tolerance(SettingsReader& reader) {
    return std::chrono::seconds{
        reader.integer("tolerance_seconds", {kToleranceSecondsDefault, 1, kToleranceSecondsMax})};
}

}  // namespace postern::verifiers
